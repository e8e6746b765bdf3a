// Closes the last window and wants another one in the same breath, while a plugin takes its time to stop. What comes of it stands in the
// log, where uncaught mistakes are.
const { promisified, invoke } = window.__TAURI__
const tell = text => { setTimeout(() => { throw new Error(text) }) }

async function work() {
  invoke({ cmd: 'wait' })
  await promisified({ cmd: 'somebodyWaits' })
  invoke({ cmd: 'host/report', ok: true, lines: [] })
  invoke({ cmd: 'window/close' })
  promisified({ cmd: 'window/create', label: 'late' }).then(() => tell('it was opened'), error => tell('it was refused: ' + error))
}
work()
