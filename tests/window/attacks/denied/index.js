// A page that may call a little: what the configuration lists, and nothing by any other name.
import { check, nothingRan, refused, report } from './page.js'

const { promisified, invoke } = window.__TAURI__
await check('what is listed may be called, by both names', async () =>
  (await promisified({ cmd: 'echo', value: 1 })) === 1 && (await promisified({ cmd: 'counting/echo', value: 2 })) === 2)
await check('a command that is not listed is refused with the line to add', async () => {
  const reason = await refused({ cmd: 'strikeOnMain' })
  return /`counting\/strikeOnMain` may not be called by this page; add these lines to .*config\.toml: `\[\[host\.permissions\]\]`, `commands = \["counting\/strikeOnMain"\]`/.test(reason) || reason
})
await check('a dangerous one is not listed by a pattern', async () => {
  const reason = await refused({ cmd: 'strikeHard' })
  return reason.includes('it is dangerous, and not listed by its name') || reason
})
await check('names with underscores are judged as what they lead to', async () => {
  const reasons = [await refused({ cmd: 'strike_on_main' }), await refused({ cmd: 'strike_hard' })]
  return reasons[0].includes('`counting/strikeOnMain` may not be called') && reasons[1].includes('it is dangerous') || reasons.join()
})
await check('no other way of writing it leads there', async () => {
  const handler = window.__TAURI_INVOKE_HANDLER__
  const messages = [{ cmd: 'counting/strikeOnMain' }, { cmd: 'strikeOnMain', plugin: 'x' }, { cmd: 'echo', value: 1, toJSON: () => ({ cmd: 'strikeOnMain' }) },
    { get cmd () { return 'strikeOnMain' } }, Object.create({ cmd: 'strikeOnMain' }), { cmd: { toString: () => 'strikeOnMain' } }, { cmd: ['strikeOnMain'] }, { cmd: 'strikeOnMain\0' },
    { cmd: ' strikeOnMain' }, { cmd: 'counting//strikeOnMain' }, { cmd: 'COUNTING/strikeOnMain' }, { cmd: 'strikeonmain' },
    { cmd: 'strike_on_main' }, { cmd: 'counting/strike_on_main' }]
  for (const message of messages) {
    invoke(message)
    handler(message)
    await promisified(message).catch(() => {})
  }
  for (const cmd of ['strikeOnMain', 'strike_on_main', 'plugin:counting|strikeOnMain', 'plugin:counting|strike_on_main']) {
    await window.__TAURI_INTERNALS__.invoke(cmd).catch(() => {})
  }
  // A key that is written twice, as text that no object has: the envelope is the script's own, so the way is a toJSON that lies twice.
  let asked = 0
  const turning = { get cmd () { return asked++ ? 'strikeOnMain' : 'echo' }, value: 1 }
  for (let turn = 0; turn < 5; turn++) await promisified(turning).catch(() => {})
  return true
})
await check("the host's own commands that change something are refused as well", async () => {
  const reason = await refused({ cmd: 'host/disable', plugin: 'counting' })
  return reason.includes('`host/disable` may not be called by this page') || reason
})
await check('what only tells is allowed', async () => (await promisified({ cmd: 'host/status' })).plugins.length === 1)
await check('an unknown command is still unknown', async () => (await refused({ cmd: 'nobodys' })).startsWith('unknown command'))
await nothingRan()
report()
