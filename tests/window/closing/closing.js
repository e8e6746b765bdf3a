// Opens and closes windows, one after the other and many at once; who runs it counts what is left of them.
const { promisified, event, invoke } = window.__TAURI__
const report = (lines, ok) => invoke({ cmd: 'host/report', ok, lines })
const create = () => promisified({ cmd: 'window/create', url: 'second.html' })
const close = label => promisified({ cmd: 'window/close', window: label })

async function work() {
  for (let round = 0; round < 8; round++) {
    const ready = new Promise(resolve => event.listen('ready', resolve, true))
    const label = await create()
    await ready
    await close(label)
  }
  // These are closed while they load.
  await Promise.all(Array.from({ length: 8 }, async () => close(await create())))
  const list = await promisified({ cmd: 'window/list' })
  report(['left: ' + list], String(list) === 'main')
}
work().catch(error => report(['FAILED: ' + error], false))
