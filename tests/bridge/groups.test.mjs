// The groups of `window.__TAURI__`: each function sends the message that it should, held against the npm module of Tauri 0.x where that
// has such a function.
import assert from 'node:assert/strict'
import test from 'node:test'
import modules from './modules.mjs'
import { lines, messages, page, turn, turns } from './page.mjs'

// The messages of requests, and the bytes behind each.
const sent = requests => requests.map(([, , , text]) => {
  const [line, lengths, ...bytes] = text.split('\n')
  const { callback, error, ...message } = JSON.parse(line.slice(line.indexOf(' ') + 1))
  assert.equal(lengths, String(bytes.join('\n').length))
  return [message, bytes.join('\n')]
})
const bytes = () => new Uint8Array([1, 2, 255]).buffer

// What both are called with. Arguments are made anew for each call, as the module freezes what it gets.
const ofModule = {
  cli: { getMatches: [() => []] },
  dialog: {
    open: [() => [], () => [{ filter: 'png', defaultPath: '/a', multiple: true, directory: false }]],
    save: [() => [], () => [{ filter: 'png' }]]
  },
  event: { emit: [() => ['news'], () => ['news', 'text']] },
  fs: {
    readTextFile: [() => ['a.txt'], () => ['a.txt', { dir: 11 }]],
    readBinaryFile: [() => ['a.bin'], () => ['a.bin', { dir: 11 }]],
    writeFile: [() => [{ path: 'a.txt', contents: 'text' }], () => [{ path: 'a.txt', contents: '' }, { dir: 18 }]],
    readDir: [() => ['a'], () => ['a', { dir: 18, recursive: true }]],
    createDir: [() => ['a'], () => ['a', { recursive: true }]],
    removeDir: [() => ['a'], () => ['a', { recursive: true }]],
    copyFile: [() => ['a', 'b'], () => ['a', 'b', { dir: 1 }]],
    removeFile: [() => ['a'], () => ['a', { dir: 1 }]],
    renameFile: [() => ['a', 'b'], () => ['a', 'b', { dir: 1 }]]
  },
  http: {
    request: [() => [{ method: 'HEAD', url: 'https://example.com', timeout: 5, responseType: 2 }]],
    get: [() => ['https://example.com'], () => ['https://example.com', { headers: { a: 'b' }, params: { c: 1 } }]],
    post: [() => ['https://example.com', { a: 1 }], () => ['https://example.com', 'text', { bodyType: 3, method: 'PUT' }]],
    put: [() => ['https://example.com', [1], {}]],
    patch: [() => ['https://example.com', { body: 'x' }]],
    delete: [() => ['https://example.com']]
  },
  process: { execute: [() => ['ls'], () => ['ls', '-l'], () => ['ls', ['-l', '-a']]] },
  window: { setTitle: [() => ['A title']], open: [() => ['https://example.com']] }
}

// What the module says to its host, by the hook.
async function saidByModule(group, name, args) {
  const said = []
  globalThis.window = { __TAURI_INVOKE_HANDLER__: message => said.push(message) }
  modules[group][name](...args)
  await turn()
  return said.map(message => {
    const { callback, error, ...rest } = JSON.parse(JSON.stringify(message))
    return rest
  })
}

for (const [group, functions] of Object.entries(ofModule)) {
  test(`the functions of \`${group}\` send what those of the npm module send`, async () => {
    for (const [name, calls] of Object.entries(functions)) {
      for (const args of calls) {
        const { tauri, posts } = page()
        void tauri[group][name](...args())
        await turn()
        const said = await saidByModule(group, name, args())
        assert.equal(said.length, 1, name)
        assert.deepEqual(messages(posts), said, `${group}.${name}`)
      }
    }
  })
}

test('the constants are those of the npm module', () => {
  const { fs, http } = page().tauri
  assert.deepEqual(fs.Dir, { ...modules.fs.Dir })
  assert.deepEqual(fs.BaseDirectory, { ...modules.fs.BaseDirectory })
  assert.deepEqual(http.ResponseType, { ...modules.http.ResponseType })
  assert.deepEqual(http.BodyType, { ...modules.http.BodyType })
})

// What there is beyond that module: what it is called with, and what it sends.
const beyond = {
  cli: {},
  clipboard: {
    readText: [[], { cmd: 'readText' }],
    writeText: [['text'], { cmd: 'writeText', text: 'text' }],
    clear: [[], { cmd: 'clear' }]
  },
  dialog: {
    message: [['text', { title: 'a', kind: 'warning' }], { cmd: 'messageDialog', message: 'text', title: 'a', kind: 'warning' }],
    ask: [['text?', 'a'], { cmd: 'askDialog', message: 'text?', title: 'a' }]
  },
  event: {},
  fs: {
    readFile: [['a', { dir: 1, offset: 2, length: 3 }], { cmd: 'readFile', path: 'a', offset: 2, length: 3, options: { dir: 1 } }],
    list: [['a', { dir: 8 }], { cmd: 'list', path: 'a', options: { dir: 8 } }],
    metadata: [['a'], { cmd: 'metadata', path: 'a', options: {} }],
    exists: [['a', { dir: 18 }], { cmd: 'exists', path: 'a', options: { dir: 18 } }],
    openForWriting: [['a', { append: true }], { cmd: 'openForWriting', path: 'a', options: { append: true } }],
    closeWriting: [[7, { keep: false }], { cmd: 'closeWriting', file: 7, keep: false }]
  },
  http: {
    fetch: [['https://example.com'], { cmd: 'fetch', options: { method: 'GET', url: 'https://example.com' } }],
    download: [[{ method: 'POST', url: 'https://example.com' }, 'a', { dir: 8 }],
      { cmd: 'download', options: { method: 'POST', url: 'https://example.com', dir: 8 }, path: 'a' }]
  },
  log: Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error'].map(level => [level, [['text'], { cmd: 'log', level, message: 'text' }]])),
  notification: {
    requestPermission: [[], { cmd: 'requestNotificationPermission' }],
    isPermissionGranted: [[], { cmd: 'isNotificationPermissionGranted' }]
  },
  path: {
    resolvePath: [['a', 8], { cmd: 'resolvePath', path: 'a', directory: 8 }],
    directories: [[], { cmd: 'directories' }],
    ...Object.fromEntries(['audio', 'cache', 'config', 'data', 'localData', 'desktop', 'document', 'download', 'executable', 'font', 'home',
      'picture', 'public', 'runtime', 'template', 'video', 'resource', 'app']
      .map((name, index) => [name + 'Dir', [[], { cmd: 'resolvePath', path: '', directory: index + 1 }]]))
  },
  process: {
    spawn: [['cat', '-', { stdin: true, cmd: 'other' }], { cmd: 'spawn', command: 'cat', args: ['-'], stdin: true }],
    writeInput: [[7, 'text', { close: true }], { cmd: 'writeInput', process: 7, text: 'text', close: true }],
    kill: [[7], { cmd: 'kill', process: 7 }]
  },
  store: {
    get: [['a'], { cmd: 'storeGet', key: 'a' }],
    set: [['a', null], { cmd: 'storeSet', key: 'a', value: null }],
    remove: [['a'], { cmd: 'storeRemove', key: 'a' }],
    keys: [['a'], { cmd: 'storeKeys', prefix: 'a' }]
  },
  tauri: {
    promisified: [[{ cmd: 'a' }], { cmd: 'a' }],
    invoke: [[{ cmd: 'a' }], { cmd: 'a' }]
  },
  window: {
    setSize: [[800, 600, 'side'], { cmd: 'window/setSize', width: 800, height: 600, window: 'side' }],
    setPosition: [[8, 6, 'side'], { cmd: 'window/setPosition', x: 8, y: 6, window: 'side' }],
    setFullscreen: [[true], { cmd: 'window/setFullscreen', fullscreen: true }],
    setResizable: [[false], { cmd: 'window/setResizable', resizable: false }],
    setAlwaysOnTop: [[true], { cmd: 'window/setAlwaysOnTop', alwaysOnTop: true }],
    create: [['side', { url: 'side.html', cmd: 'other', label: 'other' }], { cmd: 'window/create', label: 'side', url: 'side.html' }],
    list: [[], { cmd: 'window/list' }],
    ...Object.fromEntries(['size', 'position', 'isFullscreen', 'minimize', 'unminimize', 'maximize', 'unmaximize', 'isMaximized', 'show',
      'hide', 'focus', 'center', 'close'].map(cmd => [cmd, [['side'], { cmd: 'window/' + cmd, window: 'side' }]]))
  }
}

for (const [group, functions] of Object.entries(beyond)) {
  test(`the other functions of \`${group}\` send their messages and return promises`, async () => {
    for (const [name, [args, message]] of Object.entries(functions)) {
      const { tauri, posts } = page()
      const returned = tauri[group][name](...args)
      assert.equal(typeof returned?.then, name === 'invoke' ? 'undefined' : 'function', name)
      await turn()
      assert.deepEqual(messages(posts), [message], `${group}.${name}`)
    }
  })
}

// They send bytes, or begin with a loop, or send nothing by themselves; each has a test below, or in bridge.test.mjs.
const otherwise = ['event.listen', 'event.once', 'event.unlisten', 'fs.readStream', 'fs.watch', 'fs.writeBinaryFile', 'fs.writeChunk',
  'notification.sendNotification', 'tauri.stream', 'tauri.transformCallback']

test('there is no function that no test calls', () => {
  const { tauri } = page()
  const groups = Object.entries(tauri).filter(([, group]) => typeof group === 'object')
  const left = groups.flatMap(([group, members]) => Object.entries(members)
    .filter(([name, member]) => typeof member === 'function' && !ofModule[group]?.[name] && !beyond[group]?.[name])
    .map(([name]) => `${group}.${name}`))
  assert.deepEqual(left.sort(), otherwise)
})

test('a function that can be followed takes the options of promisified, with the outcome of the call', async () => {
  const { tauri, posts, reply } = page()
  const progress = [], values = []
  const follow = { onProgress: value => progress.push(value), onValue: value => values.push(value) }
  const calls = [tauri.fs.copyFile('a', 'b', {}, follow), tauri.http.download('https://example.com', 'a', {}, follow),
    tauri.process.spawn('ls', [], {}, follow), tauri.http.post('https://example.com', '', {}, follow)]
  await turn()
  assert.deepEqual(lines(posts).map(line => line[0]), ['h', 'c', 'c', 'c', 'c'])
  reply(1, 6, 0.5, 3, 7, 'output', 1, 0, true, 2, 1, 'no luck', 3, 0, { code: 0 }, 4, 0, 'posted')
  assert.deepEqual((await Promise.allSettled(calls)).map(({ value, reason }) => value ?? reason), [true, 'no luck', { code: 0 }, 'posted'])
  assert.deepEqual([progress, values], [[0.5], ['output']])
  const aborted = tauri.clipboard.readText({ signal: AbortSignal.abort('enough') })
  await assert.rejects(aborted, reason => reason === 'enough')
})

test('binary files are written by a command of their own, as bytes or as Base64', async () => {
  const { tauri, posts, requests } = page({ replies: { call: 'ok' } })
  void tauri.fs.writeBinaryFile({ path: 'a', contents: bytes() }, { dir: 18 })
  void tauri.fs.writeBinaryFile({ path: 'a', contents: 'AQL/' })
  await turn()
  assert.deepEqual(sent(requests), [[{ cmd: 'writeBinaryFile', path: 'a', contents: { $bytes: 0 }, options: { dir: 18 } }, '\x01\x02\xff']])
  assert.deepEqual(messages(posts), [{ cmd: 'writeBinaryFile', path: 'a', contents: 'AQL/', options: {} }])
})

test('bytes travel as such wherever a function takes them', async () => {
  const { tauri, requests } = page({ replies: { call: 'ok' } })
  const url = 'https://example.com', data = new Uint8Array([9, 10]).subarray(0, 1)
  void tauri.fs.writeChunk(7, data)
  void tauri.process.writeInput(7, data)
  void tauri.http.post(url, data, { timeout: 5 })
  void tauri.http.fetch({ method: 'PUT', url, body: data })
  void tauri.http.download({ method: 'PUT', url, body: data.buffer }, 'a')
  await turn()
  const $bytes = 0
  assert.deepEqual(sent(requests), [
    [{ cmd: 'writeChunk', file: 7, bytes: { $bytes } }, '\t'],
    [{ cmd: 'writeInput', process: 7, bytes: { $bytes } }, '\t'],
    [{ cmd: 'httpRequest', options: { method: 'POST', url, timeout: 5 }, body: { $bytes } }, '\t'],
    [{ cmd: 'fetch', options: { method: 'PUT', url }, body: { $bytes } }, '\t'],
    [{ cmd: 'download', options: { method: 'PUT', url }, path: 'a', body: { $bytes } }, '\t\n']
  ])
})

test('what comes in parts is a loop', async () => {
  const { tauri, posts, reply } = page()
  const heard = []
  for (const [id, values, cmd, more] of [[1, tauri.fs.readStream('a', { dir: 1, offset: 2 }), 'readStream', { offset: 2 }], [2, tauri.fs.watch('a', { dir: 1 }), 'watch']]) {
    const loop = (async () => { for await (const value of values) heard.push(value) })()
    await turn()
    assert.deepEqual(messages(posts), [{ cmd, path: 'a', options: { dir: 1 }, ...more }])
    reply(id, 7, cmd, id, 0, null)
    await loop
  }
  assert.deepEqual(heard, ['readStream', 'watch'])
})

test('an event is heard once by once', () => {
  const { tauri, reply } = page()
  const heard = []
  const stop = tauri.event.once('other', () => heard.push('other'))
  tauri.event.once('news', ({ payload }) => heard.push(payload))
  stop()
  reply(0, 4, { type: 'news', payload: 1 }, 0, 4, { type: 'news', payload: 2 }, 0, 4, { type: 'other', payload: 3 })
  assert.deepEqual(heard, [1])
})

test('signs of paths are those of the system, and the label is the window\'s', () => {
  const { sep, delimiter } = page().tauri.path
  assert.deepEqual([sep, delimiter], ['/', ':'])
  const { path, window } = page({ userAgent: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64)', label: 'si"de' }).tauri
  assert.deepEqual([path.sep, path.delimiter, window.label], ['\\', ';', 'si"de'])
})

test('what a page has in __TAURI__ before stays there beside the groups', () => {
  const fs = { mine: 1, readDir: 'replaced' }
  const { tauri } = page({ existing: { fs, other: 2 } })
  assert.equal(tauri.fs, fs)
  assert.deepEqual([tauri.fs.mine, tauri.other, typeof tauri.fs.readDir], [1, 2, 'function'])
})

// Notifications.

test('nothing is asked about notifications before the page wants to know', async () => {
  const { window, posts } = page()
  assert.equal(window.Notification.permission, 'default')
  await turn()
  assert.deepEqual(messages(posts), [])
  assert.throws(() => { 'use strict'; window.Notification.permission = 'granted' }, TypeError)
})

test('the permission is known once somebody has said it, to the npm module as well', async () => {
  const { window, posts, reply } = page()
  globalThis.window = window
  const { requestPermission, isPermissionGranted, sendNotification } = modules.notification
  const first = isPermissionGranted()
  reply(1, 0, null)
  assert.equal(await first, null)
  assert.equal(window.Notification.permission, 'default')
  const asked = requestPermission()
  await turn()
  assert.deepEqual(messages(posts), [{ cmd: 'isNotificationPermissionGranted' }, { cmd: 'requestNotificationPermission' }])
  reply(2, 0, 'granted')
  assert.equal(await asked, 'granted')
  assert.equal(window.Notification.permission, 'granted')
  assert.equal(await isPermissionGranted(), true)
  const options = Object.freeze({ title: 'A title', body: 'text' })
  sendNotification(options)
  sendNotification('Only a title')
  new window.Notification('One more', { icon: 'a.png', title: 'another' })
  await turns(3)
  assert.deepEqual(messages(posts), [
    { cmd: 'notification', options },
    { cmd: 'notification', options: { title: 'Only a title' } },
    { cmd: 'notification', options: { title: 'One more', icon: 'a.png' } }
  ])
})

test('a notification is sent without asking first, and what is wrong with it is told on the console', async () => {
  const { tauri, complaints, posts, reply } = page()
  tauri.notification.sendNotification('A title')
  await turns(3)
  reply(1, 3, 'notifications are not allowed')
  assert.deepEqual(messages(posts), [{ cmd: 'notification', options: { title: 'A title' } }])
  assert.deepEqual(complaints, ['invoke: notifications are not allowed'])
})
