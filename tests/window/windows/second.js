// The second window's page: makes calls of its own all the time, and tells the first what came of them.
const { promisified, event, invoke } = window.__TAURI__
const tellMain = (name, payload) => promisified({ cmd: 'emit', event: name, payload, pages: ['main'] })

event.listen('question', ({ payload }) => tellMain('answer', { ...payload, from: 'second' }))
event.listen('for-main-alone', () => tellMain('leak', 'the second window heard what was for the first'))

async function work() {
  // Both pages number their calls from 1 on: each must get its own answers.
  const answers = await Promise.all(Array.from({ length: 500 }, (_, value) => promisified({ cmd: 'echo', value: 'second ' + value })))
  const right = answers.every((answer, value) => answer === 'second ' + value)
  await tellMain('ready', { right, address: location.href, size: await promisified({ cmd: 'window/size' }) })
}
work().catch(error => invoke({ cmd: 'host/report', ok: false, lines: ['the second window: ' + error] }))
