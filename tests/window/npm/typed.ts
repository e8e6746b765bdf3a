// What the declarations that `plugin-host types` makes of `hello-functions` and `ordinary` promise; compiled beside
// them, not run.
import { invoke, promisified, stream } from './plugin-host.js'

const payload = { state: 'some string data', data: 17 }

async function calls() {
  const response = await promisified({ cmd: 'doSomething', count: 6, payload })
  const value: number = response.value
  const message: string = response.message
  const same = await promisified({ cmd: 'hello-functions/doSomething', count: 6, payload }, { timeoutMs: 1000 })
  const other = await promisified({ cmd: 'ordinary/doSomething', count: 6, payload })
  void [value, message, same.value.toFixed(), other.message.trim()]

  const items = await promisified({ cmd: 'items', count: 2 })
  const names: string[] = items.map(item => item.name)
  const ratio: number | undefined = items[0]?.ratio
  const sum: number = await promisified({ cmd: 'sum', items })
  const thread: string | null = await promisified({ cmd: 'workerName' })
  void [names, ratio, sum, thread]

  invoke({ cmd: 'mark', name: 'typed' })
  invoke({ cmd: 'ordinary/mark', name: 'typed' })
  // The host's own commands may be called with anything.
  invoke({ cmd: 'host/report', ok: true, lines: [] })
  const status = await promisified<{ plugins: unknown[] }>({ cmd: 'host/status' })
  void status.plugins

  // @ts-expect-error the answer has no such property
  response.values
  // @ts-expect-error the answer's value is no string
  const text: string = response.value
  // @ts-expect-error there may be no name
  thread.trim()
  // @ts-expect-error the items have no such property
  items[0].size
  void text
}
void calls

// @ts-expect-error a count is a number
promisified({ cmd: 'doSomething', count: '6', payload })
// @ts-expect-error the payload is missing
promisified({ cmd: 'doSomething', count: 6 })
// @ts-expect-error a part of the payload is missing
promisified({ cmd: 'doSomething', count: 6, payload: { state: 'x' } })
// @ts-expect-error the payload has no such part
promisified({ cmd: 'doSomething', count: 6, payload: { state: 'x', data: 17, date: 18 } })
// @ts-expect-error there is no such argument
promisified({ cmd: 'doSomething', count: 6, payload, counts: 6 })
// @ts-expect-error there is no argument at all
promisified({ cmd: 'workerName', of: 'x' })
// @ts-expect-error there is no such command
promisified({ cmd: 'doSomthing', count: 6, payload })
// @ts-expect-error and none of that name in this plugin
promisified({ cmd: 'hello-functions/items', count: 2 })
// @ts-expect-error a type that one says does not change that
promisified<string>({ cmd: 'doSomthing' })
// @ts-expect-error a message has a `cmd`
promisified({ count: 6, payload })
// @ts-expect-error the command sends no values
promisified({ cmd: 'items', count: 2 }, { onValue: value => void value.trim() })
// @ts-expect-error a name is a string
invoke({ cmd: 'mark', name: 7 })
// @ts-expect-error the name is missing
invoke({ cmd: 'mark' })
// @ts-expect-error there is no such command
invoke({ cmd: 'marc', name: 'typed' })
// @ts-expect-error there is no such command
stream({ cmd: 'tail' })
// @ts-expect-error a count is a number
stream({ cmd: 'items', count: '2' })
