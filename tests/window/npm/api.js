// Every function of the npm module of Tauri 0.x, bundled unchanged, against the standard plugins; and beside it what this host's own module
// has besides. Around the page a test serves, answers dialogues, and looks at what has become of the system.
import * as cli from 'tauri/api/cli'
import * as dialog from 'tauri/api/dialog'
import * as event from 'tauri/api/event'
import * as fs from 'tauri/api/fs'
import http from 'tauri/api/http'
import * as notification from 'tauri/api/notification'
import * as process from 'tauri/api/process'
import * as tauri from 'tauri/api/tauri'
import * as windows from 'tauri/api/window'
import { Channel, invoke } from '@tauri-apps/api/core'
import * as own from '../../../host/js/plugin-host.js'

const lines = []
let ok = true
// What is in a module and what has been called of it: in the end there is nothing that was not.
const modules = { cli, dialog, event, fs, http, notification, process, tauri, window: windows }
const uncalled = new Set()
const counted = Object.fromEntries(Object.entries(modules).map(([group, module]) => [group, Object.fromEntries(
  Object.entries(module).map(([name, value]) => {
    if (typeof value !== 'function') return [name, value]
    const whole = group + '.' + name
    uncalled.add(whole)
    return [name, (...args) => { uncalled.delete(whole); return value(...args) }]
  })
)]))

async function check(name, body) {
  try {
    const said = await body(counted)
    if (said !== true) throw new Error('got ' + JSON.stringify(said))
    lines.push('passed: ' + name)
  } catch (error) {
    ok = false
    lines.push('FAILED: ' + name + ': ' + (error && error.message || error))
  }
}
const rejects = (call, part) => call.then(value => 'resolved with ' + JSON.stringify(value), error => String(error).includes(part) || error)
const all = (...said) => said.every(one => one === true) || said
const same = (said, wanted) => JSON.stringify(said) === JSON.stringify(wanted) || said
const tell = line => own.invoke({ cmd: 'host/report', ok: true, lines: [line] })
const given = await (await fetch('given.json')).json()

await check('plugins run where the test wants them', async () => {
  const { plugins } = await own.promisified({ cmd: 'host/status' })
  const lanes = plugins.filter(plugin => plugin.name !== 'dialog').map(plugin => plugin.live.lane.kind)
  return lanes.length > 8 && lanes.every(lane => lane === given.lane) || lanes
})

// --- files
const { Dir } = fs
const app = { dir: Dir.App }
await check('fs: folders', async ({ fs }) => all(
  await rejects(fs.createDir('deep/er', app), 'deep'),
  await fs.createDir('deep/er', { ...app, recursive: true }) === null,
  await fs.createDir('empty', app) === null,
  await fs.removeDir('empty', app) === null,
  await rejects(fs.removeDir('deep', app), 'deep')
))
await check('fs: files', async ({ fs }) => all(
  await fs.writeFile({ path: 'deep/text.txt', contents: 'grün\n' }, app) === null,
  await fs.readTextFile('deep/text.txt', app) === 'grün\n',
  same(await fs.readBinaryFile('deep/text.txt', app), [103, 114, 195, 188, 110, 10]),
  await fs.copyFile('deep/text.txt', 'deep/er/copy.txt', app) === null,
  await fs.renameFile('deep/er/copy.txt', 'deep/er/renamed.txt', app) === null,
  await rejects(fs.readTextFile('deep/er/copy.txt', app), 'copy.txt'),
  await fs.writeFile({ path: 'gone.txt', contents: '' }, app) === null,
  await fs.removeFile('gone.txt', app) === null,
  await fs.readTextFile(given.app + '/deep/text.txt') === 'grün\n'
))
await check('fs: this module sends its bytes as the text of writeFile, as it always did', async ({ fs }) => {
  await fs.writeBinaryFile({ path: 'sent.bin', contents: new Uint8Array([0, 255, 7]).buffer }, app)
  return await fs.readTextFile('sent.bin', app) === btoa('\x00\xff\x07')
})
await check('fs: the window\'s own sends bytes', async ({ fs }) => {
  await window.__TAURI__.fs.writeBinaryFile({ path: 'bytes.bin', contents: new Uint8Array([0, 255, 7]).buffer }, app)
  return same(await fs.readBinaryFile('bytes.bin', app), [0, 255, 7])
})
await check('fs: what is in a folder, and below it', async ({ fs }) => {
  const [flat, deep] = [await fs.readDir('deep', app), await fs.readDir('deep', { ...app, recursive: true })]
  const [er, text] = deep
  return all(
    same(flat.map(entry => entry.name), ['er', 'text.txt']),
    same([er.name, er.children.map(entry => entry.name), text.name, text.children], ['er', ['renamed.txt'], 'text.txt', null]),
    same(er.children[0].path, given.app + '/deep/er/renamed.txt')
  )
})
await check('fs: nothing is out of its folders', async ({ fs }) => all(
  await rejects(fs.readTextFile('/etc/hostname'), '[plugins.fs]'),
  await rejects(fs.readTextFile('../config.toml', app), 'config.toml'),
  await rejects(fs.readTextFile('link', app), 'link'),
  await rejects(fs.writeFile({ path: 'secret.txt', contents: '' }, { dir: Dir.Home }), 'secret.txt')
))
await check('fs: large files come in parts, and tell how far they are', async () => {
  const { file } = await own.promisified({ cmd: 'openForWriting', path: 'large.bin', options: { ...app, atomic: true } })
  const part = new Uint8Array(1 << 20).fill(5)
  for (let index = 0; index < 3; index++) await own.fs.writeChunk(file, part)
  const early = await own.fs.exists('large.bin', app)
  await own.fs.closeWriting(file)
  let bytes = 0, last
  for await (const chunk of own.fs.readStream('large.bin', app, { onProgress: progress => { last = progress } })) {
    if (!(chunk instanceof ArrayBuffer) || new Uint8Array(chunk).some(byte => byte !== 5)) return 'other bytes'
    bytes += chunk.byteLength
  }
  return all(early === false, bytes === 3 << 20, same(last, { done: 3 << 20, total: 3 << 20 }))
})
await check('fs: a folder that is watched tells what changes', async ({ fs }) => {
  const changes = own.fs.watch('deep', app, { onProgress: () => fs.writeFile({ path: 'deep/new.txt', contents: 'x' }, app) })
  for await (const change of changes) return change.paths.some(path => path.endsWith('new.txt')) || change
})

// --- paths
await check('path: the folders', async () => {
  const { path } = window.__TAURI__
  return all(
    await path.appDir() === given.app + '/', await path.resolvePath('a/../b.txt', Dir.App) === given.app + '/a/../b.txt',
    await path.homeDir() === given.home + '/', await path.resolvePath('/x') === '/x', same((await path.directories()).home, given.home)
  )
})

// --- network
const asked = { followRedirects: true, maxRedirections: 3, connectTimeout: 5, readTimeout: 5, timeout: 20, allowCompression: true, bodyType: 3 }
await check('http: every method', async ({ http }) => {
  const echo = given.server + '/echo'
  const said = [
    await http.request({ method: 'GET', url: echo, headers: { 'X-Own': 'yes' }, params: { a: 'b c', n: '1' }, ...asked }),
    await http.get(echo, asked), await http.post(echo, { number: 1 }, asked), await http.put(echo, 'a text', asked),
    await http.patch(echo, { ...asked, body: { form: 'x y' }, bodyType: 1 }), await http.delete(echo, asked)
  ]
  return all(
    same(said.map(one => one.method), ['GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    same([said[0].target, said[0].own], ['/echo?a=b+c&n=1', 'yes']) === true || same([said[0].target, said[0].own], ['/echo?a=b%20c&n=1', 'yes']),
    same(said.map(one => one.body), ['', '', '{"number":1}', 'a text', 'form=x+y', ''])
  )
})
await check('http: kinds of answers, errors and redirects', async ({ http }) => all(
  await http.get(given.server + '/text', { ...asked, responseType: http.ResponseType.Text }) === 'plain text',
  same(await http.get(given.server + '/text', { ...asked, responseType: http.ResponseType.Binary }), [...new TextEncoder().encode('plain text')]),
  await rejects(http.get(given.server + '/missing', asked), '404'),
  (await http.get(given.server + '/elsewhere', asked)).target === '/echo',
  await rejects(http.get('http://127.0.0.1:9/', asked), '[plugins.http]')
))
await check('http: a file is sent, and a download is written and tells how far it is', async ({ http, fs }) => {
  const sent = await http.post(given.server + '/echo', given.app + '/deep/text.txt', { ...asked, bodyType: http.BodyType.File })
  let last
  await own.http.download({ method: 'GET', url: given.server + '/text', dir: Dir.App }, 'down.txt', app, { onProgress: progress => { last = progress } })
  return all(sent.body === 'grün\n', await fs.readTextFile('down.txt', app) === 'plain text', same(last, { done: 10, total: 10 }))
})

// --- programs
await check('process: a program that is listed runs, and no other', async ({ process }) => all(
  await process.execute('printf', ['%s-%s', 'a', 'b c']) === 'a-b c',
  await process.execute('printf', 'alone') === 'alone',
  await rejects(process.execute('sh', ['-c', 'true']), '[plugins.process'),
  await rejects(process.execute('fails', ['/there/is/no/such/folder']), '/there/is/no/such/folder')
))
await check('process: output comes while it runs', async () => {
  let text = ''
  const end = await own.process.spawn('printf', ['one\ntwo\n'], {}, { onValue: value => { text += value.stdout || '' } })
  return all(text === 'one\ntwo\n', end.code === 0)
})

// --- the application
await check('cli: the arguments', async ({ cli }) => same(await cli.getMatches(), {
  args: { file: { value: 'a file.txt', occurrences: 1 }, verbose: { value: true, occurrences: 2 } }, subcommand: null
}))
await check('tauri: its functions', async ({ tauri }) => {
  const heard = await new Promise(resolve => { window[tauri.transformCallback(resolve, true)](1) })
  tauri.invoke({ cmd: 'log', level: 'warn', message: 'from the page\nand its second line' })
  return all(heard === 1, await tauri.promisified({ cmd: 'log', level: 'info', message: 'x' }) === null)
})
await check('event: plugins hear what the page emits, and the page hears plugins, once or always', async ({ event, tauri }) => {
  await tauri.promisified({ cmd: 'hear', event: 'told' })
  const heard = []
  const twice = new Promise(resolve => event.listen('heard', ({ type, payload }) => {
    heard.push([type, payload])
    if (heard.length === 2) resolve()
  }))
  const once = []
  event.listen('heard', ({ payload }) => once.push(payload), true)
  event.emit('told', 'first')
  event.emit('told', 'second')
  await twice
  return all(same(heard, [['heard', 'first'], ['heard', 'second']]), same(once, ['first']))
})
await check('store: values', async () => {
  const { store } = window.__TAURI__
  await store.set('colour', { name: 'green' })
  return all(same(await store.get('colour'), { name: 'green' }), same(await store.keys('col'), ['colour']), await store.get('none') === null, await store.remove('colour') === true)
})
await check('clipboard: text', async () => {
  const { clipboard } = window.__TAURI__
  await clipboard.writeText('für alle')
  return await clipboard.readText() === 'für alle'
})
await check('window: title and browser', async ({ window: windows }) => {
  windows.setTitle('All of it')
  windows.open('https://example.com/page?a=b')
  // Neither answers; calls to the window are done in their order.
  return same(await own.appWindow.list(), ['main'])
})

// --- a page of a later Tauri
await check('the module of Tauri 2 reaches the same plugins', async () => {
  const parts = []
  const channel = new Channel(part => parts.push(part))
  const progress = []
  await invoke('read_stream', { path: 'large.bin', options: app, onPart: channel, onProgress: new Channel(one => progress.push(one)) })
  return all(
    await invoke('read_text_file', { path: 'deep/text.txt', options: app }) === 'grün\n',
    await invoke('plugin:store|store_get', { key: 'none' }) === null,
    await rejects(invoke('plugin:fs|grant', { path: '/etc' }), 'for other plugins'),
    parts.reduce((sum, part) => sum + part.byteLength, 0) === 3 << 20,
    same(progress.at(-1), { done: 3 << 20, total: 3 << 20 })
  )
})

// --- what asks the user, who is the test
await check('dialog: a file, files, and a folder are chosen', async ({ dialog, fs }) => {
  tell('asks: open')
  const one = await dialog.open({ filter: 'txt', defaultPath: given.files })
  tell('asks: open none')
  const none = await dialog.open().catch(reason => reason)
  return all(one === given.files + '/chosen.txt', await fs.readTextFile(one) === 'chosen', none === 'user cancelled the dialog',
    await rejects(fs.readTextFile(given.files + '/other.txt'), '[plugins.fs]'))
})
await check('dialog: where to save is chosen, and may be written then', async ({ dialog, fs }) => {
  tell('asks: save')
  const path = await dialog.save({ defaultPath: given.files })
  await fs.writeFile({ path, contents: 'saved' })
  return path === given.files + '/saved.txt' || path
})
await check('notification: asked for once, and shown', async ({ notification }) => {
  const before = await notification.isPermissionGranted()
  tell('asks: notifications')
  const granted = await notification.requestPermission()
  notification.sendNotification({ title: 'A title', body: 'The <b>body</b>', icon: 'dialog-information' })
  notification.sendNotification('A title alone')
  return all(before === null, granted === 'granted', await notification.isPermissionGranted() === true, Notification.permission === 'granted')
})
await check('every function of the module was called', () => same([...uncalled], []))
own.invoke({ cmd: 'host/report', ok, lines: [...lines, 'that was all'] })
