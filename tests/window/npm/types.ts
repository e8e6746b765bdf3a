// What the type declarations of `host/js` promise; compiled, not run.
import { invoke, promisified, transformCallback } from '../../../host/js/plugin-host.js'

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

// @ts-expect-error a message has a `cmd`
invoke({})
// @ts-expect-error which is a string
promisified({ cmd: 7 })
