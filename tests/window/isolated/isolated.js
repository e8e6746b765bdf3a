// What a page sees of a plugin in a process of its own that dies, hangs and is started again, while it goes on calling others; and
// what it can learn of all that.
const { invoke, promisified } = window.__TAURI__
const { listen } = window.__TAURI__.event
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
const troubles = []
let hear = () => {}
listen('host/trouble', ({ payload }) => { troubles.push(payload); hear() })
const trouble = async fits => {
  while (!troubles.some(fits)) await new Promise(resolve => { hear = resolve })
  return true
}

// Calls another plugin all the time, and notes how long the page waits for it at most.
let calling = true, answered = 0, wrong = 0, longest = 0
async function others() {
  while (calling) {
    const begin = performance.now()
    const { value } = await settled(promisified({ cmd: 'echo', value: answered }))
    longest = Math.max(longest, performance.now() - begin)
    if (value !== answered) wrong++
    answered++
  }
}

await promisified({ cmd: 'host/status' })
const own = Reflect.ownKeys(window).length
const other = others()
let deaths = 0

for (const cmd of ['actHere', 'actOnMain']) {
  for (const [deed, cause] of [['segfault', 'SIGSEGV'], ['abort', 'an abort']]) {
    await check(cmd + ' ' + deed + ' rejects with plugin, command and cause, and the next call is answered', async () => {
      const { error } = await settled(promisified({ cmd, deed }))
      deaths++
      if (!error.startsWith('plugin `unruly` died while `' + cmd + '` ran, by ') || !error.includes(cause)) return error
      return (await promisified({ cmd, deed: 'ok' })).a[0] === 1
    })
  }
}
await check('the page hears who died of what', () =>
  trouble(one => one.kind === 'died' && one.plugin === 'unruly' && one.cmd === 'actOnMain' && one.sentence.includes('an abort')))
await check('bytes go there and back', async () => {
  const data = new Uint8Array(300000).map((_, place) => place)
  const back = new Uint8Array(await promisified({ cmd: 'reverse', data }))
  return back.length === data.length && back.every((byte, place) => byte === data[data.length - 1 - place])
})
await check('a main-thread command that turns in circles holds up nobody, and its process is replaced', async () => {
  const { error } = await settled(promisified({ cmd: 'actOnMain', deed: 'busyLoop' }, { timeoutMs: 50 }))
  if (!String(error).includes('no answer within 50 ms')) return error
  deaths++
  await trouble(one => one.kind === 'stuck' && one.cmd === 'actOnMain')
  await trouble(one => one.kind === 'died' && one.sentence.includes('did not return'))
  return (await promisified({ cmd: 'actOnMain', deed: 'ok' })).a[0] === 1
})
calling = false
await other
await check('others are answered all the while', () => wrong === 0 && answered > 100 ? true : { wrong, answered })
lines.push('the longest wait for another plugin was ' + Math.round(longest) + ' ms, in ' + answered + ' calls')

await check('ten thousand calls, some cancelled, leave nothing on the window', async () => {
  const calls = []
  for (let number = 0; number < 10000; number++) {
    const signal = number % 10 ? undefined : AbortSignal.timeout(number % 7)
    calls.push(settled(promisified({ cmd: number % 2 ? 'echo' : 'actHere', value: number, deed: 'ok' }, signal && { signal })))
  }
  await Promise.all(calls)
  const now = Reflect.ownKeys(window).length
  return now === own ? true : [own, now]
})
await check('the numbers of each command can be watched, and the books balance', () => new Promise((resolve, reject) => {
  const controller = new AbortController()
  const call = promisified({ cmd: 'host/watch' }, { signal: controller.signal, onProgress: plugins => {
    const all = plugins.flatMap(plugin => plugin.commands)
    // Cancelled calls may be on their way back.
    if (all.some(one => one.inFlight)) return
    controller.abort()
    const unruly = plugins.find(plugin => plugin.name === 'unruly')
    const { kind, health, lastDeath } = unruly.live.lane
    const balanced = one => one.calls === one.ok + one.errors + one.panics + one.cancelled + one.timedOut + one.busy + one.lost
    const echo = all.find(one => one.cmd === 'echo')
    const lost = unruly.commands.reduce((sum, one) => sum + one.lost, 0)
    const fits = kind === 'isolated' && health === 'serving' && lastDeath.includes('did not return') && unruly.live.restarts === deaths
      && all.every(balanced) && lost === 4 && echo.p50Us > 0 && echo.p99Us >= echo.p50Us
    resolve(fits ? true : plugins)
  } })
  call.catch(error => error.name === 'AbortError' || reject(error))
}))
await check('a command that holds up the window is told to the page', async () => {
  await promisified({ cmd: 'holdMainThread', milliseconds: 300 })
  return trouble(one => one.kind === 'slow' && one.plugin === 'ordinary' && one.cmd === 'holdMainThread' && one.milliseconds >= 300)
})
invoke({ cmd: 'host/report', ok, lines })
