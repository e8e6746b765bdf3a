// A page of the host's into which somebody has brought a script: it may call what the page may call, but it does not get the secret,
// with which a frame or another page could.
import { attempts, check, nothingRan, report } from './page.js'

const { promisified } = window.__TAURI__
const secretLike = /(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])/
const seen = []
const { apply, ownKeys, getOwnPropertyDescriptor } = Reflect
const { test } = RegExp.prototype
const { isView } = ArrayBuffer
const { decode } = TextDecoder.prototype
const decoder = new TextDecoder()
const textOf = value => typeof value === 'string' ? value : isView(value) ? apply(decode, decoder, [value]) : ''
// What looks uses what is looked at.
let looking = false
function look (where, value) {
  if (looking) return
  looking = true
  const parts = [value]
  if (value !== null && typeof value === 'object' && !isView(value)) {
    const keys = ownKeys(value)
    for (let index = 0; index < keys.length; index++) parts[parts.length] = getOwnPropertyDescriptor(value, keys[index])?.value
  }
  for (let index = 0; index < parts.length; index++) if (apply(test, secretLike, [textOf(parts[index])])) seen[seen.length] = where
  looking = false
}

// All ways by which something is sent, watched from now on.
function watch (target, name, where) {
  const own = target && target[name]
  if (typeof own !== 'function') return
  try {
    target[name] = function (...given) {
      for (let index = 0; index < given.length; index++) look(where, given[index])
      look(where, this)
      return apply(own, this, given)
    }
  } catch (error) { /* it cannot be changed */ }
}
watch(window, 'fetch', 'fetch')
watch(window.ipc, 'postMessage', 'ipc.postMessage')
watch(window.webkit.messageHandlers.ipc, 'postMessage', 'messageHandlers.ipc.postMessage')
watch(Object.getPrototypeOf(window.webkit.messageHandlers.ipc), 'postMessage', 'UserMessageHandler.prototype.postMessage')
watch(TextEncoder.prototype, 'encode', 'encode')
watch(Uint8Array.prototype.__proto__, 'set', 'set')
watch(String.prototype, 'concat', 'concat')
watch(Array.prototype, 'join', 'join')
watch(Array.prototype, 'push', 'push')
watch(Reflect, 'apply', 'Reflect.apply')
watch(Function.prototype, 'apply', 'Function.prototype.apply')
watch(Function.prototype, 'call', 'Function.prototype.call')
watch(JSON, 'stringify', 'JSON.stringify')
watch(Blob.prototype, 'text', 'Blob.text')
const members = ['body', 'method', 'headers', 'signal', 'duplex', 'priority']
for (const name of members) {
  Object.defineProperty(Object.prototype, name, {
    configurable: true,
    get () { look('Object.prototype.' + name, this) },
    set (value) { Object.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true }) }
  })
}
await check('what watches can see', () => {
  ['0'.repeat(32)].join()
  return seen.splice(0).length > 0
})
await check('calls, calls with bytes, and large replies go on', async () => {
  const large = 'x'.repeat(300_000)
  return (await promisified({ cmd: 'echo', value: 1 })) === 1 && (await promisified({ cmd: 'echo', value: large })) === large
})
for (const name of members) delete Object.prototype[name]
await check('nothing that was watched had the secret in it', () => seen.length === 0 || seen)

await check('the secret is in no address that the page can list', () => {
  const entries = performance.getEntries().map(entry => entry.name)
  return entries.length > 0 && !entries.some(name => secretLike.test(name)) || entries
})
await check('the secret is not in the document', () => !secretLike.test(document.documentElement.outerHTML) && document.scripts.length > 0)
await check('the secret is in no function that the page can read', () => {
  const functions = []
  const visited = new Set()
  const visit = value => {
    if (value === null || typeof value !== 'object' && typeof value !== 'function' || visited.has(value)) return
    visited.add(value)
    if (typeof value === 'function') functions.push(Function.prototype.toString.call(value))
    for (const key of Reflect.ownKeys(value)) {
      const own = Object.getOwnPropertyDescriptor(value, key)
      for (const one of [own.value, own.get, own.set]) visit(one)
      if (typeof own.value === 'string') look('a property', own.value)
    }
  }
  for (const name of ['__TAURI__', '__TAURI_INVOKE_HANDLER__', '__PLUGIN_HOST_DELIVER__', 'ipc']) visit(window[name])
  return functions.length > 8 && !functions.some(text => secretLike.test(text)) && seen.length === 0 || seen
})
await check('the secret is in no error', async () => {
  const errors = []
  const note = error => { errors.push(error && error.stack || error) }
  try { window.__PLUGIN_HOST_DELIVER__('x', '[') } catch (error) { note(error) }
  // Where the stack ends, whatever runs at the end of it throws.
  const deep = () => {
    try {
      deep()
    } catch (error) {
      errors[errors.length] = error.stack
      window.__TAURI__.invoke({ cmd: 'echo', value: 1 })
    }
  }
  try { deep() } catch (error) { note(error) }
  await promisified({ cmd: 'echo', get value () { throw new Error('mine') } }).catch(note)
  return errors.length > 1 && !errors.some(text => secretLike.test(text))
})
await check('a page that knows the token without the secret is not heard', async () => {
  const { posts } = await attempts()
  window.webkit.messageHandlers.ipc.postMessage('0'.repeat(32) + ' 1-2-3-4\ni1 {"cmd":"strike"}\n')
  await promisified({ cmd: 'echo', value: 1 })
  return (await attempts()).posts === posts + 1
})
await check('the hook cannot be put in the place of another', () => {
  const mine = () => {}
  try { window.__PLUGIN_HOST_DELIVER__ = mine } catch (error) { /* strict */ }
  try { window.__TAURI_INVOKE_HANDLER__ = mine } catch (error) { /* strict */ }
  return window.__PLUGIN_HOST_DELIVER__ !== mine && window.__TAURI_INVOKE_HANDLER__ !== mine
})
await check('a frame of the same origin finds no secret in its own window either', () => {
  const frame = document.createElement('iframe')
  document.body.append(frame)
  const inner = frame.contentWindow
  const has = ['__TAURI__', '__TAURI_INVOKE_HANDLER__', '__PLUGIN_HOST_DELIVER__'].filter(name => inner[name] !== undefined)
  try { inner.webkit.messageHandlers.ipc.postMessage('x 1\ni1 {"cmd":"strike"}\n') } catch (error) { /* it has none */ }
  frame.remove()
  return has.length === 0 || has
})
await check('the page may go to odd addresses of its own, and is still heard', async () => {
  for (const address of ['/a b', '/é \u{1f600}', '/#a b', '/?x=%zz', '/%', '//', '/..%2f..', '/a\\b']) {
    try { history.pushState({}, '', address) } catch (error) { continue }
    if (await promisified({ cmd: 'echo', value: address }) !== address) return address
  }
  history.pushState({}, '', '/')
  return true
})
await nothingRan()
report()
