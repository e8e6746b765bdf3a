// `window.__TAURI_INTERNALS__`, driven by the npm module of Tauri 2 itself, unchanged.
import assert from 'node:assert/strict'
import test from 'node:test'
import modules from './modules.mjs'
import { lines, messages, page, turn, turns } from './page.mjs'

const { Channel, invoke, convertFileSrc, isTauri, transformCallback, SERIALIZE_TO_IPC_FN } = modules.later
const { listen, once, emit, emitTo } = modules.laterEvent

// A page whose window the module finds.
function later(options) {
  const made = page(options)
  globalThis.window = made.window
  return made
}

const rejected = (promise, pattern) => assert.rejects(promise, reason => typeof reason === 'string' && pattern.test(reason))

test('a call is a message like any other, resolves with its value and rejects with the host\'s string', async () => {
  const { posts, reply } = later()
  const calls = [invoke('doSomething', { count: 6, payload: { data: 17 } }), invoke('plugin:my-plugin|do_something'), invoke('a|b')]
  await turn()
  assert.deepEqual(messages(posts), [
    { cmd: 'doSomething', count: 6, payload: { data: 17 } }, { cmd: 'my-plugin/do_something' }, { cmd: 'a|b' }
  ])
  reply(1, 0, { value: 5 }, 2, 1, 'no luck', 3, 0, null)
  assert.deepEqual(await calls[0], { value: 5 })
  await assert.rejects(calls[1], reason => reason === 'no luck')
  assert.equal(await calls[2], null)
})

test('what cannot become a message is rejected with what to do instead, and nothing is sent', async () => {
  const { posts } = later()
  for (const body of [[1, 2], new Uint8Array(2), new ArrayBuffer(2)]) await rejected(invoke('a', body), /no body without a name.*data: bytes/)
  for (const name of ['cmd', 'callback', 'error']) await rejected(invoke('a', { [name]: 1 }), new RegExp(`cannot be called .${name}.*another name`))
  await rejected(invoke('a', null), /are an object/)
  await rejected(invoke('a', 'text'), /are an object/)
  await rejected(invoke(7), /is a string/)
  await rejected(invoke('a', {}, { headers: { a: 'b' } }), /no headers/)
  await rejected(invoke('a', { first: new Channel(), second: new Channel() }), /`first` and `second` are both channels.*onProgress/)
  await rejected(invoke('a', { deep: [{ channel: new Channel() }] }), /an argument of its own/)
  const loop = {}
  loop.loop = loop
  await rejected(invoke('a', { loop }), /cannot be written as JSON/)
  await turn()
  assert.deepEqual(messages(posts), [])
})

test('arguments of bytes travel as bytes, and within others as the numbers that the module\'s pages expect', async () => {
  const { posts, requests, reply } = later({ replies: { call: 'ok' } })
  const call = invoke('a', { data: new Uint8Array([1, 2]), count: 7 })
  const [line, lengths, bytes] = requests[0][3].split('\n')
  assert.deepEqual([JSON.parse(line.slice(3)).data, lengths, bytes], [{ $bytes: 0 }, '2', '\x01\x02'])
  reply(1, 0, 'taken')
  assert.equal(await call, 'taken')
  class Id {
    [SERIALIZE_TO_IPC_FN]() {
      return { text: 'id' }
    }
  }
  void invoke('a', {
    id: new Id(),
    deep: { id: new Id(), list: [new Uint8Array([3]), new Uint8Array([4, 5]).buffer], map: new Map([['b', 1]]), number: 2n ** 64n, at: new Date(0) },
    map: new Map([['__proto__', 2]]),
    nothing: undefined
  })
  await turn()
  assert.equal(lines(posts).at(-1).replace(/,"callback.*/, ''), 'p2 {"cmd":"a","id":{"text":"id"},"deep":{"id":{"text":"id"},"list":[[3],[4,5]],' +
    '"map":{"b":1},"number":"18446744073709551616","at":"1970-01-01T00:00:00.000Z"},"map":{"__proto__":2}')
})

test('a channel gets the values in their order before the call settles, then its end', async () => {
  const { window, posts, reply, complaints } = later({ replies: { f4: '"large"' } })
  const heard = []
  const onEvent = new Channel(value => heard.push(value))
  const call = invoke('count', { to: 3, onEvent }).then(value => heard.push(['settled', value]))
  assert.ok(window.__TAURI_INTERNALS__.callbacks.has(onEvent.id))
  await turn()
  const sent = lines(posts)
  assert.match(sent[1], /^c1 \{"cmd":"count","to":3,"callback/, 'it can be followed, and the channel is no argument')
  reply(1, 7, 'first', 1, 8, 4, 1, 7, 'last', 1, 0, 'done')
  await call
  assert.deepEqual(heard, ['first', 'large', 'last', ['settled', 'done']])
  assert.equal(window.__TAURI_INTERNALS__.callbacks.size, 0)
  assert.deepEqual([lines(posts).filter(line => line === 'a1 1').length, complaints], [3, []])
})

test('a channel that is called onProgress gets the progress, beside one for the values', async () => {
  const { window, reply } = later()
  const progress = [], values = []
  const call = invoke('a', { onProgress: new Channel(value => progress.push(value)), other: new Channel(value => values.push(value)) })
  reply(1, 6, 1, 1, 7, 'value', 1, 6, 2, 1, 0, null)
  await call
  assert.deepEqual([progress, values, window.__TAURI_INTERNALS__.callbacks.size], [[1, 2], ['value'], 0])
})

test('a channel ends where the call fails, and one whose handler throws goes on', async () => {
  const { window, reply } = later()
  const heard = [], tasks = []
  // The module throws what a handler has thrown when the turn is over.
  const { queueMicrotask } = globalThis
  globalThis.queueMicrotask = task => tasks.push(task)
  const call = invoke('a', { channel: new Channel(value => { heard.push(value); if (value === 1) throw new Error('the page\'s own') }) })
  reply(1, 7, 1, 1, 7, 2, 1, 1, 'no luck')
  await assert.rejects(call, reason => reason === 'no luck')
  globalThis.queueMicrotask = queueMicrotask
  assert.equal(tasks.length, 1)
  assert.throws(tasks[0], { message: 'the page\'s own' })
  assert.deepEqual([heard, window.__TAURI_INTERNALS__.callbacks.size], [[1, 2], 0])
})

test('events are heard until nobody wants them any more, or once', async () => {
  const { window, reply, complaints } = later()
  const heard = []
  const news = (payload, type = 'news') => reply(0, 4, { type, payload })
  const stop = await listen('news', event => heard.push(event))
  const last = await listen('news', ({ payload }) => heard.push(payload), { target: 'main' })
  await once('news', ({ payload }) => heard.push(['once', payload]))
  news(1)
  news(2)
  news(3, 'other')
  assert.deepEqual(heard, [{ event: 'news', id: 1, payload: 1 }, 1, ['once', 1], { event: 'news', id: 1, payload: 2 }, 2])
  window.__TAURI_EVENT_PLUGIN_INTERNALS__.unregisterListener('other', 1)
  news(3)
  assert.equal(heard.length, 7, 'another event ends nothing')
  await stop()
  await last()
  await stop()
  news(4)
  assert.deepEqual([heard.length, window.__TAURI_INTERNALS__.callbacks.size, complaints], [7, 0, []])
  await rejected(listen('news', () => {}, { target: 'side' }), /its own window, `main`.*of `side`/)
  await rejected(invoke('plugin:event|listen', { event: 'news', handler: 77 }), /transformCallback/)
})

test('an event that is emitted is for all pages, or for those of its target, and resolves with the host\'s answer', async () => {
  const { posts, reply } = later()
  const told = [emit('news', { data: new Uint8Array([1]) }), emit('news'), emitTo('side', 'news', 1), emitTo({ kind: 'App' }, 'news', 2),
    emitTo({ kind: 'Any' }, 'news', 3), emitTo({ kind: 'Window', label: 'main' }, 'news', 4)]
  await turn()
  assert.deepEqual(messages(posts), [
    { cmd: 'emit', event: 'news', payload: { data: [1] }, pages: true },
    { cmd: 'emit', event: 'news', pages: true },
    { cmd: 'emit', event: 'news', payload: 1, pages: ['side'] },
    { cmd: 'emit', event: 'news', payload: 2, pages: [] },
    { cmd: 'emit', event: 'news', payload: 3, pages: true },
    { cmd: 'emit', event: 'news', payload: 4, pages: ['main'] }
  ])
  reply(1, 0, null, 2, 1, 'not allowed', 3, 0, null, 4, 0, null, 5, 0, null, 6, 0, null)
  const settled = await Promise.allSettled(told)
  assert.deepEqual(settled.map(({ status, value, reason }) => reason ?? [status, value]), [
    ['fulfilled', undefined], 'not allowed', ...Array.from({ length: 4 }, () => ['fulfilled', undefined])
  ])
})

test('a callback has a number, is called once or often, and a mistake in it is on the console', () => {
  const { window, complaints } = later()
  const { runCallback, unregisterCallback } = window.__TAURI_INTERNALS__
  const heard = []
  const once = transformCallback(value => heard.push(value), true), often = transformCallback(value => { heard.push(value); if (value === 2) throw 'no' })
  assert.equal(typeof once, 'number')
  for (const value of [1, 2]) runCallback(once, value)
  for (const value of [1, 2, 3]) runCallback(often, value)
  unregisterCallback(often)
  runCallback(often, 4)
  assert.deepEqual(heard, [1, 1, 2, 3])
  assert.equal(complaints.length, 3)
  assert.equal(complaints[1], 'no')
  assert.match(complaints[0] + complaints[2], /^no callback \d.*no callback \d/)
})

test('the module finds where it is', () => {
  const { window } = later({ label: 'side' })
  globalThis.isTauri = window.isTauri
  assert.equal(isTauri(), true)
  delete globalThis.isTauri
  assert.deepEqual(window.__TAURI_INTERNALS__.metadata, { currentWindow: { label: 'side' }, currentWebview: { windowLabel: 'side', label: 'side' } })
  assert.throws(() => convertFileSrc('/a.png'), /no addresses for files/)
  const { window: stranger } = page({ location: { protocol: 'http:', host: 'localhost' } })
  assert.deepEqual([stranger.__TAURI_INTERNALS__, stranger.isTauri, stranger.Notification], [undefined, undefined, undefined])
})

test('a page that changes what it can afterwards loses no value of a channel', async () => {
  const { reply, posts } = later()
  const heard = []
  const channel = new Channel(value => heard.push(value))
  const changed = [[Map.prototype, ['get', 'set', 'delete']], [String.prototype, ['startsWith', 'indexOf', 'slice']], [Object, ['keys', 'fromEntries']]]
  const before = changed.map(([place, names]) => names.map(name => place[name]))
  const complain = () => { throw new Error('changed') }
  let call
  changed.forEach(([place, names]) => names.forEach(name => { place[name] = complain }))
  try {
    call = invoke('plugin:a|b', { channel })
    reply(1, 7, 'value', 1, 0, 'done')
    for (let turned = 0; turned < 5; turned++) await null
  } finally {
    changed.forEach(([place, names], index) => names.forEach((name, at) => { place[name] = before[index][at] }))
  }
  assert.equal(await call, 'done')
  await turns(2)
  assert.deepEqual([heard, messages(posts)[0].cmd], [['value'], 'a/b'])
})
