// The page's script by itself, in a window of nothing but what it uses: what it posts, what it does with replies, and
// what a real window hides from its page, such as lines on the console.
import assert from 'node:assert/strict'
import test from 'node:test'
import { createContext, runInContext } from 'node:vm'
import { keys, lines, page, parts, script, transport, turn, turns } from './page.mjs'

// What cannot be written as JSON.
const loop = {}
loop.loop = loop

test('the first post begins the session with the secret', () => {
  assert.deepEqual(page().posts, ['secret 1-1-1-1\nh\n'])
})

test('calls of one turn leave as one post', async () => {
  const { tauri, posts } = page()
  tauri.invoke({ cmd: 'a' })
  tauri.promisified({ cmd: 'b' })
  assert.equal(posts.length, 1)
  await turn()
  assert.equal(posts[1], 'secret 1-1-1-1\ni1 {"cmd":"a"}\np2 {"cmd":"b","callback":"callback-2","error":"error-2"}\n')
  assert.equal(posts.length, 2)
})

test('a promise settles by the first reply, and by that alone', async () => {
  const { tauri, reply } = page()
  const [first, second] = [tauri.promisified({ cmd: 'a' }), tauri.promisified({ cmd: 'b' })]
  reply(2, 1, 'no luck', 1, 0, { value: 5 }, 1, 1, 'too late')
  assert.deepEqual(await first, { value: 5 })
  await assert.rejects(second, reason => reason === 'no luck')
})

test('a reply to another session settles nothing', async () => {
  const { tauri, window, reply } = page()
  const promise = tauri.promisified({ cmd: 'a' })
  window.__PLUGIN_HOST_DELIVER__('2-2-2-2', '[1,0,"a stranger\'s"]')
  reply(1, 0, 'its own')
  assert.equal(await promise, 'its own')
})

test('what goes wrong with an invoke is on the console', () => {
  const { tauri, complaints, reply } = page()
  tauri.invoke(null)
  tauri.invoke({ cmd: 'a', value: loop })
  reply(3, 3, 'unknown command `a`')
  assert.equal(complaints.length, 3)
  assert.match(complaints[0], /^invoke: the message is not an object/)
  assert.match(complaints[1], /^invoke: the message cannot be written as JSON/)
  assert.equal(complaints[2], 'invoke: unknown command `a`')
})

test('a message over the limit never leaves', async () => {
  const { tauri, posts } = page({ limit: 100 })
  await assert.rejects(tauri.promisified({ cmd: 'x'.repeat(100) }), reason => reason.includes('too long'))
  await turn()
  assert.equal(posts.length, 1)
})

test('large values are fetched, and what cannot be fetched or read rejects', async () => {
  const { tauri, reply } = page({ replies: { f7: '[1,2]', f8: '[1,' } })
  const [whole, broken, gone] = [1, 2, 3].map(() => tauri.promisified({ cmd: 'a' }))
  reply(1, 2, 7, 2, 2, 8, 3, 2, 9)
  assert.deepEqual(await whole, [1, 2])
  await assert.rejects(broken, reason => reason.startsWith('the reply is not JSON'))
  await assert.rejects(gone, reason => reason.includes('the host no longer has the reply'))
})

test('the hook calls functions that the page has named, and never those that are the window\'s own', () => {
  const { tauri, window, complaints, reply } = page()
  const heard = []
  const callback = tauri.transformCallback(value => heard.push(value), true)
  window.__TAURI_INVOKE_HANDLER__({ cmd: 'a', callback, error: 'fetch' })
  window.__TAURI_INVOKE_HANDLER__({ cmd: 'a', callback: 'fetch', error: '__proto__' })
  window.__TAURI_INVOKE_HANDLER__({ cmd: 'a', callback: 'constructor', error: 'nobody' })
  reply(1, 0, 'value', 2, 0, 'value', 3, 1, 'error')
  assert.deepEqual(heard, ['value'])
  assert.equal(window[callback], undefined, 'once is once')
  assert.equal(complaints.length, 2)
})

test('invoke answers by the names in its message, as the hook does', () => {
  const { tauri, reply } = page()
  const heard = []
  const [callback, error] = ['ok', 'bad'].map(name => tauri.transformCallback(value => heard.push([name, value]), true))
  tauri.invoke({ cmd: 'a', callback, error })
  tauri.invoke({ cmd: 'a', value: loop, error })
  reply(1, 0, 5)
  assert.deepEqual(heard.map(([name]) => name), ['bad', 'ok'])
})

test('what nobody catches in the page is told to the host, up to a bound', () => {
  const { window, listeners, posts } = page()
  listeners.error({ target: window, message: 'Error: no luck', filename: 'plugin-host://localhost/a.js', lineno: 7 })
  listeners.error({ target: { tagName: 'SCRIPT', src: 'plugin-host://localhost/gone.js' } })
  listeners.error({ target: { tagName: 'IMG', src: 'plugin-host://localhost/gone.png' } })
  listeners.unhandledrejection({ reason: 'no "luck"\n' })
  assert.deepEqual(posts.slice(1).map(post => post.split('\n')[1]), [
    'e0 "Error: no luck, at plugin-host://localhost/a.js:7"',
    'e0 "cannot load plugin-host://localhost/gone.js"',
    'e0 "a promise was rejected and nobody caught it: no \\"luck\\"\\n"'
  ])
  for (let count = 0; count < 200; count++) listeners.unhandledrejection({})
  assert.equal(posts.length, 101)
})

test('a callback that throws spoils no other', async () => {
  const { tauri, window, complaints, reply } = page()
  const thrown = new Error('the page\'s own mistake')
  const callback = tauri.transformCallback(() => { throw thrown })
  window.__TAURI_INVOKE_HANDLER__({ cmd: 'a', callback, error: callback })
  const promise = tauri.promisified({ cmd: 'b' })
  reply(1, 0, 1, 2, 0, 2)
  assert.equal(await promise, 2)
  assert.deepEqual(complaints, [thrown])
})

test('a page that breaks promises for a while loses nothing but what it breaks', async () => {
  const { tauri, posts, reply } = page({ replies: { f7: '[1,2]' } })
  const [large, small] = [tauri.promisified({ cmd: 'a' }), tauri.promisified({ cmd: 'b' })]
  const { constructor } = Promise.prototype
  Object.defineProperty(Promise.prototype, 'constructor', { configurable: true, get() { throw new Error('broken') } })
  try {
    tauri.invoke({ cmd: 'while broken' })
    reply(1, 2, 7, 2, 0, 'small')
  } finally {
    Object.defineProperty(Promise.prototype, 'constructor', { configurable: true, writable: true, value: constructor })
  }
  await assert.rejects(large, reason => reason.startsWith('the reply could not be fetched'))
  assert.equal(await small, 'small')
  await turn()
  assert.match(posts.at(-1), /while broken/)
  tauri.invoke({ cmd: 'afterwards' })
  await turn()
  assert.match(posts.at(-1), /afterwards/)
})

test('a key called __proto__ travels like any other', async () => {
  const { tauri, posts } = page()
  tauri.promisified(JSON.parse('{"cmd":"a","__proto__":{"x":1}}'))
  await turn()
  assert.match(posts[1], /"__proto__":\{"x":1\}/)
})

test('events reach those who listen, once or until they do not want to any more', () => {
  const { tauri, window, complaints, reply } = page()
  const heard = []
  const hear = name => event => heard.push([name, event.type, event.payload])
  const stop = tauri.event.listen('news', hear('always'))
  tauri.event.listen('news', hear('once'), true)
  tauri.event.listen('news', () => { throw 'a mistake of the page' })
  tauri.event.listen('__proto__', hear('proto'))
  // As the module of Tauri 0.x does it.
  window.__TAURI_INVOKE_HANDLER__({ cmd: 'listen', event: 'news', handler: tauri.transformCallback(hear('by name')), once: false })
  reply(0, 4, { type: 'news', payload: 1 }, 0, 4, { type: 'other', payload: 2 }, 0, 4, { type: '__proto__', payload: 3 })
  assert.deepEqual(heard, [['always', 'news', 1], ['once', 'news', 1], ['by name', 'news', 1], ['proto', '__proto__', 3]])
  stop()
  reply(0, 4, { type: 'news', payload: 4 })
  assert.deepEqual(heard.slice(4), [['by name', 'news', 4]])
  assert.deepEqual(complaints, ['a mistake of the page', 'a mistake of the page'])
})

test('a page that comes back from the page cache has a new session, and its old calls are rejected', async () => {
  const { tauri, listeners, posts, window } = page()
  const old = tauri.promisified({ cmd: 'a' })
  listeners.pageshow({ persisted: true })
  await assert.rejects(old, reason => reason === 'the page was left before the reply came')
  const fresh = tauri.promisified({ cmd: 'b' })
  await turn()
  assert.match(posts.at(-1), /^secret 2-2-2-2\np1 /)
  window.__PLUGIN_HOST_DELIVER__('1-1-1-1', '[1,0,"old"]')
  window.__PLUGIN_HOST_DELIVER__('2-2-2-2', '[1,0,"new"]')
  assert.equal(await fresh, 'new')
})

test('ten thousand settled calls leave nothing on the window', async () => {
  const { tauri, window, reply } = page()
  const before = Reflect.ownKeys(window).length
  const calls = Array.from({ length: 10_000 }, () => tauri.promisified({ cmd: 'a' }))
  calls.forEach((_, index) => reply(index + 1, 0, index))
  await Promise.all(calls)
  assert.equal(Reflect.ownKeys(window).length, before)
})

test('a call that is aborted rejects with the reason and tells the host, and a late reply settles nothing', async () => {
  const { tauri, posts, reply } = page()
  const controller = new AbortController()
  const call = tauri.promisified({ cmd: 'a' }, { signal: controller.signal })
  await turn()
  assert.match(lines(posts).at(-1), /^c1 /)
  controller.abort('enough')
  reply(1, 0, 'too late', 1, 5, 9)
  await assert.rejects(call, reason => reason === 'enough')
  assert.deepEqual(lines(posts), ['x1 0', 'd9 0'], 'what nobody fetches is not kept')
  const aborted = AbortSignal.abort()
  await assert.rejects(tauri.promisified({ cmd: 'a' }, { signal: aborted }), { name: 'AbortError' })
  assert.deepEqual(lines(posts), [], 'and is not begun')
})

test('a signal is let go when the promise settles', async () => {
  const { tauri, posts, reply } = page()
  const heard = []
  const signal = {
    aborted: false,
    addEventListener: (name, listener) => heard.push(listener),
    removeEventListener: (name, listener) => heard.splice(heard.indexOf(listener), 1)
  }
  const calls = [tauri.promisified({ cmd: 'a' }, { signal }), tauri.promisified({ cmd: 'a' }, { signal })]
  assert.equal(heard.length, 2)
  reply(1, 0, 7, 2, 1, 'no')
  await Promise.allSettled(calls)
  assert.equal(heard.length, 0)
  await turn()
  assert.ok(!lines(posts).some(line => line.startsWith('x')))
})

test('a call without an answer in time rejects with a sentence', async () => {
  const { tauri, posts } = page()
  await assert.rejects(tauri.promisified({ cmd: 'a' }, { timeoutMs: 1 }), reason => reason === 'no answer within 1 ms')
  await turn()
  assert.deepEqual(lines(posts).at(-1), 'x1 0')
  for (const options of [{ timeoutMs: 'soon' }, { onProgress: 7 }, { onValue: {} }]) {
    await assert.rejects(tauri.promisified({ cmd: 'a' }, options), TypeError)
  }
})

test('values are heard one after another, each is acknowledged when it has been taken, and the reply comes last', async () => {
  const { tauri, posts, reply } = page({ replies: { f4: '"large"' } })
  const heard = []
  let release
  const onValue = value => {
    heard.push(value)
    return new Promise(resolve => { release = resolve })
  }
  const progress = []
  const call = tauri.promisified({ cmd: 'a' }, { onValue, onProgress: value => progress.push(value) })
  reply(1, 7, 'first', 1, 6, 0.5, 1, 8, 4, 1, 7, 'last', 1, 0, 'done')
  await turn()
  lines(posts)
  for (const expected of [['first'], ['first', 'large'], ['first', 'large', 'last']]) {
    assert.deepEqual(heard, expected)
    release()
    await turn()
    await turn()
    assert.deepEqual(lines(posts), ['a1 1'])
  }
  assert.equal(await call, 'done')
  assert.deepEqual(progress, [0.5])
})

test('values of bytes are fetched as buffers, in their order among the others, and the reply comes last', async () => {
  const { tauri, posts, reply, requests } = page({ replies: { f4: 'AB', f5: '', f6: '[1]' } })
  const heard = []
  const call = tauri.promisified({ cmd: 'a' }, { onValue: value => { heard.push(value) } })
  reply(1, 7, 'first', 1, 9, 4, 1, 9, 5, 1, 8, 6, 1, 0, 'done')
  assert.equal(await call, 'done')
  const [first, bytes, none, large] = heard
  assert.deepEqual([first, large], ['first', [1]])
  assert.ok(bytes instanceof ArrayBuffer && none instanceof ArrayBuffer)
  assert.deepEqual([...new Uint8Array(bytes)], [65, 66])
  assert.equal(none.byteLength, 0)
  assert.deepEqual(requests.map(request => request[3]), ['f4', 'f5', 'f6'])
  await turn()
  assert.equal(posts.join('').split('a1 1\n').length, 5)
})

test('values of bytes that nobody wants are given back, and one that cannot be fetched cancels', async () => {
  const { tauri, posts, reply } = page({ replies: { f0: 'A' } })
  const deaf = tauri.promisified({ cmd: 'a' })
  reply(1, 9, 3, 1, 0, 'done')
  assert.equal(await deaf, 'done')
  assert.deepEqual(lines(posts).slice(2), ['d3 0', 'a1 1'])
  const loop = (async () => { for await (const value of tauri.stream({ cmd: 'a' })) return value.byteLength })()
  await turn()
  reply(2, 9, 0, 2, 9, 1, 2, 9, 2)
  assert.equal(await loop, 1)
  for (let turned = 0; turned < 5; turned++) await turn()
  assert.deepEqual(lines(posts).filter(line => line.startsWith('d')), ['d1 0', 'd2 0'])
  const lost = tauri.promisified({ cmd: 'a' }, { onValue: () => {} })
  reply(3, 9, 8)
  await assert.rejects(lost, reason => reason.includes('the host no longer has the reply'))
  await turn()
  assert.ok(lines(posts).includes('x3 0'))
  reply(9, 9, 7)
  await turn()
  assert.deepEqual(lines(posts), ['d7 0', 'x9 0'])
})

test('a page that does not hear values acknowledges them all the same, and one whose handler fails cancels', async () => {
  const { tauri, posts, reply } = page()
  const deaf = tauri.promisified({ cmd: 'a' })
  reply(1, 7, 1, 1, 8, 4, 1, 6, 1, 1, 0, 'done')
  assert.equal(await deaf, 'done')
  assert.deepEqual(lines(posts).slice(2), ['a1 1', 'd4 0', 'a1 1'])
  const failing = tauri.promisified({ cmd: 'a' }, { onValue: () => { throw new Error('no') } })
  reply(2, 7, 1, 2, 7, 2, 2, 0, 'done')
  await assert.rejects(failing, { message: 'no' })
  await turn()
  assert.deepEqual(lines(posts).slice(1), ['x2 0'])
})

test('a stream gives the values to a loop, and its own result at the end', async () => {
  const { tauri, reply } = page()
  const values = tauri.stream({ cmd: 'a' })
  const first = values.next()
  reply(1, 7, 'one', 1, 7, 'two', 1, 0, 'result')
  assert.deepEqual(await first, { value: 'one', done: false })
  assert.deepEqual(await values.next(), { value: 'two', done: false })
  assert.deepEqual(await values.next(), { value: 'result', done: true })
})

test('a loop that is left cancels, an error is thrown into the loop, and so is an abort', async () => {
  const { tauri, posts, reply } = page()
  const left = (async () => { for await (const value of tauri.stream({ cmd: 'a' })) return value })()
  reply(1, 7, 'one')
  assert.equal(await left, 'one')
  await turn()
  assert.equal(lines(posts).filter(line => line === 'x1 0').length, 1)
  const drain = async values => { for await (const value of values) void value }
  const failing = drain(tauri.stream({ cmd: 'a' }))
  reply(2, 1, 'no luck')
  await assert.rejects(failing, reason => reason === 'no luck')
  const controller = new AbortController()
  const aborted = drain(tauri.stream({ cmd: 'a' }, { signal: controller.signal }))
  await turn()
  controller.abort('enough')
  await assert.rejects(aborted, reason => reason === 'enough')
})

test('a message with bytes goes as one request: its line, the lengths, the bytes', async () => {
  const { tauri, posts, requests, reply } = page({ replies: { call: 'ok', f3: 'ab' } })
  const call = tauri.promisified({ cmd: 'a', data: new Uint8Array([1, 2]).subarray(1), rest: new ArrayBuffer(3), n: 7 })
  tauri.invoke({ cmd: 'b', data: new DataView(new ArrayBuffer(1)) })
  const bodies = requests.map(request => request.slice(0, 4))
  const place = number => '{"$bytes":' + number + '}'
  assert.deepEqual(bodies, [
    ['host/.calls', 'POST', 'secret 1-1-1-1', `p1 {"cmd":"a","data":${place(0)},"rest":${place(1)},"n":7,"callback":"callback-1","error":"error-1"}\n1 3\n\x02\0\0\0`],
    ['host/.calls', 'POST', 'secret 1-1-1-1', `i2 {"cmd":"b","data":${place(0)}}\n1\n\0`]
  ])
  reply(1, 5, 3)
  const answer = await call
  assert.ok(answer instanceof ArrayBuffer && answer.byteLength === 2)
  assert.equal(posts.length, 1, 'nothing was posted')
})

test('bytes that are too many, or that nobody takes, reject', async () => {
  const { tauri } = page({ limit: 100 })
  await assert.rejects(tauri.promisified({ cmd: 'a', data: new ArrayBuffer(100) }), reason => /too long: \d+ bytes/.test(reason))
  await assert.rejects(tauri.promisified({ cmd: 'a', data: new ArrayBuffer(1) }), reason => reason === 'the message could not be sent: the host answered 404')
})

test('a BigInt travels as text', async () => {
  const { tauri, posts } = page()
  tauri.invoke({ cmd: 'a', number: 2n ** 64n - 1n, list: [1n, 1] })
  await turn()
  assert.equal(lines(posts).at(-1), 'i1 {"cmd":"a","number":"18446744073709551615","list":["1",1]}')
})

test('events go to the host by emit, and unlisten ends by the handler', async () => {
  const { tauri, posts, reply } = page()
  const heard = []
  const handler = event => heard.push(event.payload)
  tauri.event.listen('news', handler)
  tauri.event.emit('news', { a: 1 })
  await turn()
  assert.equal(lines(posts).at(-1), 'i1 {"cmd":"emit","event":"news","payload":{"a":1}}')
  tauri.event.emit('news', 1, { pages: ['side'] })
  await turn()
  assert.equal(lines(posts).at(-1), 'i2 {"cmd":"emit","event":"news","payload":1,"pages":["side"]}')
  reply(0, 4, { type: 'news', payload: 1 })
  tauri.event.unlisten('news', handler)
  tauri.event.unlisten('other', handler)
  reply(0, 4, { type: 'news', payload: 2 })
  assert.deepEqual(heard, [1])
})

test('large values that nobody fetches any more are given back, whether a loop is left or a call is aborted', async () => {
  const { tauri, posts, reply } = page({ replies: { f0: '"large"' } })
  const loop = (async () => { for await (const value of tauri.stream({ cmd: 'a' })) return value })()
  await turn()
  reply(1, 8, 0, 1, 8, 1, 1, 8, 2)
  assert.equal(await loop, 'large')
  await turns(5)
  assert.deepEqual(lines(posts).filter(line => line.startsWith('d')), ['d1 0', 'd2 0'])
  const controller = new AbortController()
  const call = tauri.promisified({ cmd: 'a' }, { signal: controller.signal, onValue: () => new Promise(() => {}) })
  reply(2, 7, 'first', 2, 2, 9)
  await turn()
  controller.abort('enough')
  await assert.rejects(call)
  await turn()
  assert.ok(lines(posts).includes('d9 0'))
})

test('a call with bytes is cancelled after it has been sent, and one that goes on all the same is cancelled again', async () => {
  let respond
  const { tauri, posts, reply } = page({ answer: () => new Promise(resolve => { respond = resolve }) })
  await assert.rejects(tauri.promisified({ cmd: 'a', data: new ArrayBuffer(3) }, { timeoutMs: 1 }))
  await turn()
  lines(posts)
  respond(new Response(null, { status: 204 }))
  await turns(3)
  assert.deepEqual(lines(posts), ['x1 0'])
  reply(1, 7, 'a value')
  await turn()
  assert.deepEqual(lines(posts), ['x1 0'])
})

test('a time that no timer can measure is no time limit', async () => {
  const { tauri, reply } = page()
  const calls = [Infinity, 2 ** 31, null, undefined].map(timeoutMs => tauri.promisified({ cmd: 'a' }, { timeoutMs }))
  await new Promise(resolve => setTimeout(resolve, 5))
  reply(1, 0, 1, 2, 0, 2, 3, 0, 3, 4, 0, 4)
  assert.deepEqual(await Promise.all(calls), [1, 2, 3, 4])
})

test('a signal is let go where the message cannot be sent', async () => {
  const { tauri } = page({ limit: 50 })
  let listening = 0
  const signal = { aborted: false, addEventListener: () => listening++, removeEventListener: () => listening-- }
  await assert.rejects(tauri.promisified({ cmd: 'x'.repeat(100) }, { signal }))
  assert.equal(listening, 0)
})

test('a silent stream is cancelled by return', async () => {
  const { tauri, posts } = page()
  const values = tauri.stream({ cmd: 'a' })
  const first = values.next()
  await turn()
  assert.deepEqual(await values.return('mine'), { value: 'mine', done: true })
  assert.deepEqual(await first, { value: undefined, done: true })
  await turn()
  assert.ok(lines(posts).includes('x1 0'))
})

test('a page of another origin than the host\'s gets nothing, and one that is listed its own secret', () => {
  for (const location of [{ protocol: 'http:', host: 'localhost' }, { protocol: 'about:', host: '' }, { protocol: 'https:', host: 'example.com.evil' }, { protocol: '__proto__', host: '' }]) {
    const { posts, tauri, window } = page({ location })
    assert.deepEqual([posts, tauri, window.__TAURI_INVOKE_HANDLER__], [[], undefined, undefined])
    // Replies to the page before it may still come: it does not get hold of them.
    let heard = 0
    assert.throws(() => { 'use strict'; window.__PLUGIN_HOST_DELIVER__ = () => heard++ }, TypeError)
    assert.throws(() => Object.defineProperty(window, '__PLUGIN_HOST_DELIVER__', { value: () => heard++ }), TypeError)
    window.__PLUGIN_HOST_DELIVER__('1-1-1-1', '[]')
    assert.equal(heard, 0)
  }
  assert.deepEqual(page({ location: { protocol: 'https:', host: 'example.com' } }).posts, ['other 1-1-1-1\nh\n'])
})

// In a realm of its own, all of which the page changes: every function and accessor that can be changed looks whether what it is
// called on, or with, holds the secret.
const changeEverything = `
  'use strict'
  const { apply, ownKeys, getOwnPropertyDescriptor, defineProperty } = Reflect
  const { isView } = ArrayBuffer
  const { includes } = String.prototype
  const decode = bytes => { let text = ''; for (let index = 0; index < length(bytes); index++) text += fromCharCode(bytes[index]); return text }
  const { fromCharCode } = String
  const length = value => apply(lengthOf, value, [])
  const lengthOf = getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), 'length').get
  const isBytes = Object.prototype.toString
  const suspect = value => {
    if (typeof value === 'string') return apply(includes, value, ['secret'])
    return isView(value) && apply(isBytes, value, []) === '[object Uint8Array]' && apply(includes, decode(value), ['secret'])
  }
  const holds = value => {
    if (suspect(value)) return true
    if (value === null || typeof value !== 'object' || isView(value)) return false
    const keys = ownKeys(value)
    for (let index = 0; index < keys.length; index++) {
      const own = getOwnPropertyDescriptor(value, keys[index])
      if (own && suspect(own.value)) return true
    }
    return false
  }
  let looking = false
  let looked = 0
  function look (name, self, given) {
    // What looks uses what is looked at.
    if (looking) return
    looking = true
    looked++
    if (holds(self)) seen(name)
    for (let index = 0; index < given.length; index++) if (holds(given[index])) seen(name)
    looking = false
  }
  const spy = (name, from) => typeof from !== 'function' ? from : function (...given) {
    look(name, this, given)
    return apply(from, this, given)
  }
  const places = [String, String.prototype, Array, Array.prototype, Object, Object.prototype, Function.prototype, Promise, Promise.prototype,
    Uint8Array.prototype, Object.getPrototypeOf(Uint8Array.prototype), Object.getPrototypeOf(Uint8Array), Reflect, JSON, ArrayBuffer.prototype]
  // Members that a request could have, and places of an array, asked for along the prototypes.
  const members = ['body', 'method', 'headers', 'signal', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'integrity', 'keepalive', 'duplex', '0', 'toJSON']
  for (let place = 0; place < places.length; place++) {
    const names = ownKeys(places[place])
    for (let index = 0; index < names.length; index++) {
      const own = getOwnPropertyDescriptor(places[place], names[index])
      if (!own.configurable || names[index] === '__proto__') continue
      const name = names[index]
      const changed = own.get || own.set ? { get: spy(name, own.get), set: spy(name, own.set) } : { value: spy(name, own.value), writable: true }
      changed.configurable = true
      defineProperty(places[place], name, changed)
    }
  }
  for (let index = 0; index < members.length; index++) {
    const name = members[index]
    const changed = { configurable: true, get() { look(name, this, []) }, set(value) { look(name, this, [value]) } }
    defineProperty(Object.prototype, name, changed)
  }
  globalThis.Uint8Array = globalThis.Uint32Array = globalThis.TextEncoder = globalThis.Promise = function () { seen('replaced') }
`

test('a page that changes all that it can afterwards does not see the secret', async () => {
  const posts = [], requests = [], seen = []
  const window = {
    Response,
    location: { protocol: 'plugin-host:', host: 'localhost' },
    navigator: { userAgent: '' },
    queueMicrotask,
    ipc: { postMessage: text => posts.push(text) },
    console: { error: () => {} },
    crypto: { getRandomValues: array => array.fill(1) },
    setTimeout,
    clearTimeout,
    // Whoever reads the body here would be seen to.
    fetch: (address, request) => {
      requests.push([address, Object.getPrototypeOf(request), request.body])
      return Promise.resolve(new Response(requests.length === 4 ? '[1]' : 'ok'))
    },
    addEventListener: () => {}
  }
  const context = createContext({ window, Response, queueMicrotask, seen: name => seen.push(String(name)) })
  const run = code => runInContext(code, context)
  // One whose arrays are of this realm, as a page's are, and which does not go through what the page may change.
  run(`{
    const { apply } = Reflect, { charCodeAt } = String.prototype, Bytes = Uint8Array
    globalThis.TextEncoder = class {
      encode (text) {
        const bytes = new Bytes(text.length)
        for (let index = 0; index < text.length; index++) bytes[index] = apply(charCodeAt, text, [index])
        return bytes
      }
    }
  }`)
  run(`(${script})((${transport})(${JSON.stringify(keys)}, 1e6), 1e6, 'main', ${parts})`)
  run(changeEverything)
  window.fetch = window.queueMicrotask = window.ipc.postMessage = () => seen.push('replaced')
  // The spies can see it: a test that cannot fail would be none.
  assert.equal(run(`'the secret'.trim(), new (Object.getPrototypeOf(window.__TAURI__.promisified).constructor)('return 1')(), looked > 0`), true)
  assert.deepEqual(seen.splice(0), ['trim'])
  run(`
    globalThis.large = window.__TAURI__.promisified({ cmd: 'a' })
    window.__TAURI__.promisified({ cmd: 'b', data: new ArrayBuffer(3) })
    window.__TAURI__.invoke({ cmd: 'c' })
    window.__TAURI__.fs.readDir('a')
    window.__TAURI__.fs.writeBinaryFile({ path: 'a', contents: new ArrayBuffer(3) })
    window.__TAURI__.event.listen('a', () => {})
    window.__TAURI__.notification.sendNotification('a')
    const channel = { __TAURI_TO_IPC_KEY__: () => '__CHANNEL__:' + window.__TAURI_INTERNALS__.transformCallback(() => {}) }
    window.__TAURI_INTERNALS__.invoke('plugin:a|b', { channel, deep: [new Map()], data: new ArrayBuffer(3) })
    window.__TAURI_INTERNALS__.invoke('plugin:event|emit', { event: 'a', payload: 1 })
    window.__PLUGIN_HOST_DELIVER__('1-1-1-1', '[1,2,9]')
  `)
  for (let turned = 0; turned < 10; turned++) await turn()
  assert.deepEqual(seen, [])
  const sent = requests.map(([address, prototype, body]) => [address, prototype, Buffer.from(body).toString('latin1').split('\n')[0]])
  assert.deepEqual(sent, Array.from({ length: 4 }, () => ['host/.calls', null, 'secret 1-1-1-1']))
  assert.equal(posts.length, 2)
  for (const cmd of ['"c"', '"readDir"', '"notification"', '"emit"']) assert.ok(posts[1].includes(cmd), cmd)
})

test('a page that changes what a response is sees no address with the secret', async () => {
  const { tauri, reply } = page({ replies: { f4: '7' } })
  const own = Object.getOwnPropertyDescriptor(Response.prototype, 'ok')
  let asked = 0
  Object.defineProperty(Response.prototype, 'ok', { configurable: true, get: () => asked++ })
  const call = tauri.promisified({ cmd: 'a' })
  reply(1, 2, 4)
  assert.equal(await call, 7)
  Object.defineProperty(Response.prototype, 'ok', own)
  assert.equal(asked, 0)
})
