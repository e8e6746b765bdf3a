// What a page may do with a call that is under way, and what it hears of it: cancelling, progress, values, bytes, events.
const { invoke, promisified, stream } = window.__TAURI__
const { listen, unlisten, emit } = window.__TAURI__.event
const lines = []
let ok = true
const check = async (name, body) => {
  try {
    const said = await body()
    if (said !== true) throw new Error('got ' + JSON.stringify(said))
    lines.push('ok: ' + name)
  } catch (error) {
    ok = false
    lines.push('FAILED: ' + name + ': ' + error)
  }
}
const settled = promise => promise.then(value => ({ value }), error => ({ error }))
// Waits until so many calls have heard that they are cancelled.
const cancelled = async count => await promisified({ cmd: 'cancelled', count }) === count
const begun = cmd => new Promise(resolve => {
  const controller = new AbortController()
  const call = promisified({ cmd }, { signal: controller.signal, onProgress: () => resolve({ controller, call }) })
})

// Calls left open by a reload: one that the page follows, and one of which it wants nothing but the answer.
if (!sessionStorage.getItem('reloaded')) {
  sessionStorage.setItem('reloaded', 'yes')
  promisified({ cmd: 'waitAsync' }).finally(() => sessionStorage.setItem('late', 'yes'))
  await begun('wait')
  location.reload()
  await new Promise(() => {})
}

await check('a reload cancels the calls of the page before', async () =>
  await cancelled(2) && sessionStorage.getItem('late') === null)
await check('an abort rejects with its reason, and the command hears it', async () => {
  for (const [index, cmd] of ['wait', 'poll', 'waitAsync'].entries()) {
    const { controller, call } = await begun(cmd)
    controller.abort()
    if ((await settled(call)).error.name !== 'AbortError') return cmd
    if (!await cancelled(3 + index)) return cmd
  }
  return true
})
await check('a call that takes too long for the page rejects, and the command hears it', async () => {
  const { error } = await settled(promisified({ cmd: 'wait' }, { timeoutMs: 20 }))
  return error === 'no answer within 20 ms' && await cancelled(6)
})
await check('a call that takes longer than its author allows rejects', async () => {
  const { error } = await settled(promisified({ cmd: 'late' }))
  return error === '`late` of plugin `underway` did not answer within 30ms, which is its deadline' && await cancelled(7)
})
await check('a thousand calls cancelled at any time settle once, and what comes later is not cancelled', async () => {
  let settledOnce = 0, twice = 0
  await Promise.all(Array.from({ length: 1000 }, async (_, number) => {
    const controller = new AbortController()
    let times = 0
    const count = () => { if (++times === 1) settledOnce++; else twice++ }
    const call = promisified({ cmd: 'report', steps: 3 }, { signal: controller.signal }).then(count, count)
    if (number % 3 === 0) controller.abort()
    else setTimeout(() => controller.abort(), number % 40)
    await call
  }))
  return settledOnce === 1000 && twice === 0 && await promisified({ cmd: 'isCancelled' }) === false
})
await check('progress is heard in its order, up to the last', async () => {
  const heard = []
  const steps = await promisified({ cmd: 'report', steps: 10_000 }, { onProgress: step => heard.push(step) })
  return steps === 10_000 && heard.at(-1) === 10_000 && heard.every((step, index) => index === 0 || step > heard[index - 1])
})
await check('each of many values is heard, in its order, before the answer', async () => {
  const heard = []
  const answer = await promisified({ cmd: 'count', to: 5000 }, { onValue: value => { heard.push(value) } })
  return answer === 5000 && heard.length === 5000 && heard.every((value, index) => value === index + 1)
})
await check('a command is not far ahead of a page that takes its time', async () => {
  const controller = new AbortController()
  let taken = 0
  const call = promisified({ cmd: 'countForEver' }, {
    signal: controller.signal,
    onValue: async value => {
      if (value !== taken++) controller.abort('out of order')
      await new Promise(resolve => setTimeout(resolve))
      if (taken === 200) controller.abort('enough')
    }
  })
  return (await settled(call)).error === 'enough' && await cancelled(8)
})
await check('large values are fetched, in their order', async () => {
  const heard = []
  for await (const text of stream({ cmd: 'texts', bytes: 200_000, times: 30 })) heard.push(text)
  return heard.length === 30 && heard.every((text, index) => text.length === 200_000 && text[0] === String.fromCharCode(97 + index % 26))
})
await check('values of bytes are buffers, in their order, and a loop over them can be left', async () => {
  const parts = []
  for await (const part of stream({ cmd: 'parts', length: 3_000_000, each: 700_000 })) parts.push(part)
  if (!parts.every(part => part instanceof ArrayBuffer)) return 'no buffers'
  if (String(parts.map(part => part.byteLength)) !== '700000,700000,700000,700000,200000') return parts.length
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer())
  if (!bytes.every((byte, at) => byte === at % 256)) return 'out of order'
  let small = 0
  const count = await promisified({ cmd: 'parts', length: 500, each: 1 }, { onValue: part => { small += new Uint8Array(part)[0] } })
  if (count !== 500 || small !== 255 * 128 + 243 * 122) return small
  if (await promisified({ cmd: 'parts', length: 10_000, each: 100 }) !== 100) return 'nobody listens'
  for await (const part of stream({ cmd: 'partsForEver', each: 100_000 })) if (part.byteLength === 100_000) break
  return await cancelled(9)
})
await check('a loop that is left cancels the call', async () => {
  for await (const number of stream({ cmd: 'countForEver' })) if (number === 100) break
  return await cancelled(10)
})
await check('a handler that throws rejects and cancels', async () => {
  const { error } = await settled(promisified({ cmd: 'countForEver' }, { onValue: () => { throw new Error('no more') } }))
  return error.message === 'no more' && await cancelled(11)
})
await check('bytes come and go as they are', async () => {
  const data = new Uint8Array(10_000_000)
  for (let at = 0; at < data.length; at++) data[at] = at * 7
  const inverted = await promisified({ cmd: 'invert', data })
  if (!(inverted instanceof ArrayBuffer) || inverted.byteLength !== data.length) return String(inverted)
  const bytes = new Uint8Array(inverted)
  return bytes.every((byte, at) => byte === 255 - data[at])
})
await check('a view of a buffer is its part of it, and bytes stand beside other arguments', async () => {
  const buffer = new Uint8Array([1, 2, 3, 4]).buffer
  const part = await promisified({ cmd: 'invert', data: new DataView(buffer, 1, 2) })
  const lengths = await promisified({ cmd: 'lengths', data: buffer, more: [[1, 2, 3]] })
  const none = await promisified({ cmd: 'invert', data: new ArrayBuffer(0) })
  return String(new Uint8Array(part)) === '253,252' && String(lengths) === '4,3' && none.byteLength === 0
})
await check('a hundred calls with bytes at once each get their own', async () => {
  const calls = Array.from({ length: 100 }, async (_, number) => {
    const answer = await promisified({ cmd: 'invert', data: new Uint8Array([number]) })
    return new Uint8Array(answer)[0] === 255 - number
  })
  return (await Promise.all(calls)).every(Boolean)
})
await check('a message whose bytes are too many is refused', async () =>
  (await settled(promisified({ cmd: 'invert', data: new ArrayBuffer(70_000_000) }))).error.includes('too long'))
await check('an error of a command that returns bytes is a string', async () =>
  (await settled(promisified({ cmd: 'noBytes' }))).error === 'no bytes today')
await check('integers are exact to the last digit', async () =>
  BigInt(await promisified({ cmd: 'nextNumber', number: 2n ** 53n + 1n })) === 2n ** 53n + 2n)
await check('a plugin hears what the page tells, the page hears the plugin, and an ended listener nothing', async () => {
  const heard = []
  let arrived
  const handler = event => { heard.push(event.payload); arrived() }
  listen('heard', handler)
  await promisified({ cmd: 'hear', event: 'news' })
  for (const payload of [{ a: 1 }, null]) {
    const comes = new Promise(resolve => { arrived = resolve })
    emit('news', payload)
    await comes
  }
  unlisten('heard', handler)
  await promisified({ cmd: 'emit', event: 'news', payload: 7 })
  await promisified({ cmd: 'beDeaf' })
  return JSON.stringify(heard) === '[{"a":1},null]'
})
await check('calls leave nothing behind on the window', async () => {
  const before = Object.getOwnPropertyNames(window).length
  const { signal } = new AbortController()
  const call = () => promisified({ cmd: 'count', to: 2 }, { signal, timeoutMs: 60_000, onValue: () => {} })
  for (let round = 0; round < 10; round++) await Promise.all(Array.from({ length: 1000 }, call))
  return Object.getOwnPropertyNames(window).length === before
})
invoke({ cmd: 'host/report', ok, lines })
