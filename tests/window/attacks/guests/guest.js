// Of an origin that is listed: it is heard, and may call what is listed for that origin.
import { check, refused, report } from './page.js'

await check('the stranger had nothing, and was counted', () => {
  const told = new URL(location.href).searchParams.get('stranger')
  return told === 'has [], counted true, ran 0' || told
})
await check('a guest calls what is listed for it', async () => await window.__TAURI__.promisified({ cmd: 'counting/strikes' }) === 0)
await check('large replies and bytes reach a guest as well', async () =>
  (await window.__TAURI__.promisified({ cmd: 'counting/echo', value: 'x'.repeat(300_000) })).length === 300_000)
for (const cmd of ['counting/strike', 'strike', 'host/status', 'emit']) {
  await check('a guest may not call ' + cmd, async () => {
    const reason = await refused({ cmd, event: 'x' })
    return reason.includes('may not be called by a page of ' + location.origin) && reason.includes('origins = ["' + location.origin + '"]') || reason
  })
}
await check('a guest hears no events', async () => {
  const heard = []
  window.__TAURI__.event.listen('news', event => heard.push(event))
  await window.__TAURI__.promisified({ cmd: 'counting/tell', event: 'news', payload: 1 })
  // What was sent before comes before.
  await window.__TAURI__.promisified({ cmd: 'counting/echo', value: 1 })
  return heard.length === 0
})
await check('nothing has run', async () => await window.__TAURI__.promisified({ cmd: 'counting/strikes' }) === 0)
report()
