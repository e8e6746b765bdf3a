// Tells in reports what it hears of the plugin folder, and how a command answers at each change. Calls made all the time
// meanwhile are answered once each, or the report fails.
const { invoke, promisified } = window.__TAURI__
const report = (line, ok = true) => invoke({ cmd: 'host/report', ok, lines: [line] })
let open = 0, twice = 0
let calling = true

function call(number) {
  let settled = 0
  const count = () => { if (++settled > 1) twice++ }
  open++
  return promisified({ cmd: 'which', number }).then(
    answer => { count(); return answer.version },
    error => { count(); return error }
  ).finally(() => { open-- })
}

async function load() {
  for (let number = 0; calling; number++) await Promise.all([call(number), call(number), call(number)])
}

window.__TAURI__.event.listen('host/plugins', async ({ type, payload }) => {
  const answer = await call(0)
  report(`${type}: ${payload.kind} ${payload.name}, generation ${payload.generation}: ${answer}`)
  if (payload.kind === 'removed') {
    calling = false
    await loading
    report(`in the end: ${open} open, ${twice} settled twice`, open === 0 && twice === 0)
  }
})
const loading = load()
report('ready')
