// What the type declarations of `host/js` promise while no command is known; compiled, not run.
import {
  emit, invoke, listen, promisified, stream, transformCallback, unlisten, type Event, type Message, type Options
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
