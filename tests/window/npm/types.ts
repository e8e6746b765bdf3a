// What the type declarations of `host/js` promise while no command is known; compiled, not run.
import {
  appWindow, cli, clipboard, dialog, emit, fs, http, invoke, listen, log, notification, once, path, process, promisified, store, stream,
  transformCallback, unlisten, type Event, type FileEntry, type Message, type Options
} from '../../../host/js/plugin-host.js'

interface Answer {
  value: number
}

const nothing: void = invoke({ cmd: 'doSomethingSync', argument: 'x' })
const answer: Promise<Answer> = promisified<Answer>({ cmd: 'doSomething', count: 6 })
const unknown: Promise<unknown> = promisified({ cmd: 'doSomething' })
const name: string = transformCallback<number>(value => value.toFixed(), true)
const same: typeof invoke = window.__TAURI__.tauri.invoke
window.__TAURI_INVOKE_HANDLER__({ cmd: 'x', callback: name, error: name })
void [nothing, answer, unknown, same]

const message: Message = { cmd: 'x', bytes: new ArrayBuffer(8), view: new Uint8Array(8) }
const bytes: Promise<ArrayBuffer> = promisified<ArrayBuffer>(message, { timeoutMs: 1000 })
const options: Options<number, string> = {
  signal: new AbortController().signal,
  timeoutMs: 1000,
  onProgress: progress => void progress.toFixed(),
  onValue: async value => void value.trim()
}
const late: Promise<unknown> = promisified({ cmd: 'x' }, { onValue: value => void value, onProgress() {} })
void [bytes, options, late]

async function follow() {
  for await (const value of stream<string>({ cmd: 'tail' }, { signal: options.signal })) value.trim()
  for await (const value of stream({ cmd: 'tail' })) {
    // @ts-expect-error nobody said what the values are
    value.trim()
  }
}
void follow

const hear = (event: Event<number>) => void event.payload.toFixed()
const end: () => void = listen('tick', hear)
unlisten('tick', hear)
listen<string>('tick', event => event.payload.trim(), true)
emit('ready')
emit('ready', { at: 7 })
end()
const also: typeof stream = window.__TAURI__.stream
const { listen: on, unlisten: off, emit: tell } = window.__TAURI__.event
void [also, on, off, tell]

// The groups.
const { signal } = new AbortController()
async function groups() {
  const text: string = await fs.readTextFile('a', { dir: fs.Dir.Home }, { signal })
  const entries: FileEntry[] = await fs.readDir('a', { recursive: true })
  await fs.writeBinaryFile({ path: 'a', contents: new Uint8Array(2) }, { dir: fs.BaseDirectory.App, atomic: true })
  await fs.copyFile('a', 'b', {}, { onProgress: ({ done, total }) => void (done / total) })
  const ages: (number | null)[] = (await fs.list('a')).map(({ modified }) => modified)
  const { kind, readOnly } = await fs.metadata('a')
  const part: ArrayBuffer = await fs.readFile('a', { offset: 1, length: 2 })
  for await (const piece of fs.readStream('a', { offset: 1 })) piece.byteLength
  for await (const change of fs.watch('a', {}, { signal, onProgress: begun => void begun })) change.paths[0]?.trim()
  const { file } = await fs.openForWriting('a', { append: true })
  const written: number = await fs.writeChunk(file, part)
  await fs.closeWriting(file, { keep: written > 0 })
  const home: string = await path.homeDir() + path.sep + await path.resolvePath('a', fs.Dir.App)
  const one: string = await dialog.open()
  const many: string[] = await dialog.open({ multiple: true, filters: [{ name: 'Pictures', extensions: ['png'] }] })
  const where: string = await dialog.save({ defaultPath: 'a' })
  const yes: boolean = await dialog.ask('Really?', 'A question')
  await dialog.message('Done', { kind: 'info' })
  const got: Answer = await http.get<Answer>('https://example.com', { responseType: http.ResponseType.JSON })
  await http.post('https://example.com', { a: 1 }, { bodyType: http.BodyType.Form })
  const status: number = (await http.fetch('https://example.com')).status
  const { bytes } = await http.download('https://example.com', 'a', { dir: fs.Dir.Download }, {
    onProgress: ({ done, total }) => void (done / (total ?? done))
  })
  notification.sendNotification({ title: 'A title', body: 'text' })
  const granted: boolean | null = await notification.isPermissionGranted()
  const output: string = await process.execute('ls', '-l')
  const { code } = await process.spawn('cat', [], { stdin: true }, {
    onValue: async value => { if ('process' in value) await process.writeInput(value.process, 'text', { close: true }) }
  })
  appWindow.setTitle('A title')
  const { width } = await appWindow.size('side')
  await appWindow.create('side', { url: 'side.html', width })
  const labels: string[] = [appWindow.label, ...await appWindow.list()]
  const value = (await cli.getMatches()).args['verbose']?.value
  await clipboard.writeText(await clipboard.readText() ?? '')
  const kept: Answer | null = await store.get<Answer>('a')
  const had: boolean = await store.remove('a')
  await log.info('text')
  once('tick', hear)()
  void [bytes, ages, kind, readOnly, text, entries, home, one, many, where, yes, got, status, granted, output, code, labels, value, kept, had]
}
void groups
const every = window.__TAURI__
const alike: [typeof fs, typeof path, typeof appWindow, typeof store] = [every.fs, every.path, every.window, every.store]
void alike

// @ts-expect-error there are eighteen
fs.readTextFile('a', { dir: 19 })
// @ts-expect-error a path is a text
dialog.open().then(chosen => chosen.toFixed())
// @ts-expect-error a file is one argument
fs.writeFile('a', 'text')
// @ts-expect-error the body stands before the options
http.post('https://example.com')
// @ts-expect-error there is no such kind
dialog.message('Done', { kind: 'fatal' })
// @ts-expect-error there is no such function
log.fatal('text')
// @ts-expect-error a label does not change
appWindow.label = 'other'
// @ts-expect-error a size has two sides
appWindow.setSize(800)
// @ts-expect-error a message has a `cmd`
invoke({})
// @ts-expect-error which is a string
promisified({ cmd: 7 })
// @ts-expect-error it is the first argument
stream('tail')
// @ts-expect-error a time is a number
promisified({ cmd: 'x' }, { timeoutMs: '1s' })
// @ts-expect-error there is no such option
promisified({ cmd: 'x' }, { timeout: 1000 })
// @ts-expect-error the loop gets the values
stream({ cmd: 'x' }, { onValue() {} })
// @ts-expect-error what ends is a function
unlisten('tick', 7)
// @ts-expect-error an event has a name
emit({ at: 7 })
