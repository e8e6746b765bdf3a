// Every promise of the contract with the page, checked in the page. Reports one line for each.
const { invoke, promisified, transformCallback } = window.__TAURI__
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
const echo = value => promisified({ cmd: 'echo', value })
const hookCall = (cmd, rest) => new Promise((resolve, reject) => {
  window.__TAURI_INVOKE_HANDLER__({ cmd, callback: transformCallback(resolve, true), error: transformCallback(reject, true), ...rest })
})

// A reload in mid-call: the first load leaves a call open and goes; no reply may reach the second load.
if (!sessionStorage.getItem('reloaded')) {
  sessionStorage.setItem('reloaded', 'yes')
  promisified({ cmd: 'wait' }).finally(() => sessionStorage.setItem('late', 'yes'))
  invoke({ cmd: 'mark', name: 'first load' })
  await promisified({ cmd: 'somebodyWaits' })
  location.reload()
  await new Promise(() => {})
}

await check('the groups of Tauri 0.x are there', () =>
  window.__TAURI__.tauri.promisified === promisified && window.__TAURI__.tauri.invoke === invoke)
await check('a call left open by a reload does not reach the new page', async () => {
  await promisified({ cmd: 'open' })
  await echo(1)
  return sessionStorage.getItem('late') === null
})
await check('what the first load called has run once', () => promisified({ cmd: 'marks', name: 'first load' }).then(count => count === 1))
await check('a call is run once', async () => {
  await Promise.all(Array.from({ length: 100 }, () => promisified({ cmd: 'mark', name: 'second load' })))
  return await promisified({ cmd: 'marks', name: 'second load' }) === 100
})
await check('an invoke that fails is run once and settles nothing', async () => {
  invoke({ cmd: 'markAndFail', name: 'the invoked one' })
  invoke({ cmd: 'nobodys' })
  return await promisified({ cmd: 'marks', name: 'the invoked one' }) === 1
})
await check('invoke returns nothing', () => invoke({ cmd: 'open' }) === undefined)
await check('an error rejects with its text', async () =>
  (await settled(promisified({ cmd: 'doSomething', count: 1, payload: { state: '', data: 1 } }))).error === 'count should be > 5')
await check('a panic rejects with its message', async () => (await settled(promisified({ cmd: 'panics' }))).error.includes('no luck'))
await check('an unknown command rejects and names the nearest', async () =>
  (await settled(promisified({ cmd: 'ecko' }))).error.includes('did you mean `echo`'))
await check("a plugin's events arrive as data, in their order, before the reply, until one stops to listen", async () => {
  const heard = []
  const { listen } = window.__TAURI__.event
  const stop = listen('news', event => heard.push(event))
  listen('news', () => { throw new Error('one listener fails') })
  const payload = JSON.parse('{"__proto__":1,"text":"\u2028</script>"}')
  await promisified({ cmd: 'tell', event: 'news', payload, times: 3 })
  stop()
  await promisified({ cmd: 'tell', event: 'news', payload, times: 1 })
  const same = event => event.type === 'news' && JSON.stringify(event.payload) === JSON.stringify(payload)
  return heard.length === 3 && heard.every(same)
})
await check('what is no message rejects', async () => {
  const circular = {}
  circular.self = circular
  for (const message of [undefined, null, 7, 'text', [], {}, { cmd: 7 }, circular]) {
    if (typeof (await settled(promisified(message))).error !== 'string') return String(message)
  }
  return true
})
await check('a message of 100 MB is refused', async () =>
  (await settled(echo('x'.repeat(100_000_000)))).error.includes('too long'))
await check('a message is measured in bytes: the host refuses what the page took for short enough', async () => {
  const { error } = await settled(echo('é'.repeat(40_000_000)))
  return error.includes('too long: 80000') || error
})
await check('data arrives as it was sent', async () => {
  // Keys in the order in which serde_json's `Value` writes them.
  const text = '{"__proto__":{"a":1},"e":"\\"\\\\","n":[1.5,-7,1e300],"\u2028":"</script>\\u0000"}'
  const value = await promisified({ cmd: 'echo', value: JSON.parse(text) })
  return JSON.stringify(value) === JSON.stringify(JSON.parse(text)) && value.a === undefined
})
await check('a large value is fetched', async () => (await promisified({ cmd: 'letters', count: 10_000_000 })).length === 10_000_000)
await check('a reply that is not JSON rejects, small and large, and spoils no other', async () => {
  const settlements = await Promise.all([1, 100_000].flatMap(count => [settled(promisified({ cmd: 'notJson', count })), settled(echo(count))]))
  return settlements.every((one, index) => index % 2 ? one.value === [1, 100_000][(index - 1) / 2] : one.error.includes('not JSON'))
})
await check("the generated callback names win over the caller's", async () =>
  (await promisified({ cmd: 'echo', value: 1, callback: 'mine', error: 'mine' })) === 1)
await check('the hook settles by callback names', async () => (await hookCall('echo', { value: 3 })) === 3)
await check('hostile callback names are not called', async () => {
  window.evil = undefined
  for (const callback of ['alert', 'close', 'eval', '__proto__', 'x);window.evil=1;(', 'constructor', 'location.href']) {
    window.__TAURI_INVOKE_HANDLER__({ cmd: 'echo', value: 'window.evil=1', callback, error: callback })
  }
  await echo(1)
  return window.evil === undefined
})
await check('ten thousand calls in one turn each get their own answer', async () => {
  const values = await Promise.all(Array.from({ length: 10_000 }, (_, number) => echo(number)))
  return values.every((value, number) => value === number)
})
await check('a million calls each get their own answer', async () => {
  for (let burst = 0; burst < 50; burst++) {
    const values = await Promise.all(Array.from({ length: 20_000 }, (_, number) => echo(burst * 20_000 + number)))
    if (!values.every((value, number) => value === burst * 20_000 + number)) return burst
  }
  return true
})
await check('the page may change what it likes of the language afterwards', async () => {
  const { parse, stringify } = JSON
  JSON.parse = JSON.stringify = () => { throw new Error('changed') }
  const value = await echo({ a: 1 })
  JSON.parse = parse
  JSON.stringify = stringify
  return value.a === 1
})
invoke({ cmd: 'host/report', ok, lines })
