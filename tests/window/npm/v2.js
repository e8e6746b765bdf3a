// The module of Tauri 2, bundled unchanged: its `invoke`, channels and events, against plugins that know nothing of it.
import { Channel, invoke, isTauri } from '@tauri-apps/api/core'
import { emit, listen, once } from '@tauri-apps/api/event'
import { check, lines, ok } from './check.js'

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other) || [one, other]
const payload = { state: 'some string data', data: 17 }
// Resolves with the first event that fits.
const next = (event, fits = () => true) => new Promise(resolve => {
  const stop = listen(event, heard => {
    if (!fits(heard)) return
    void stop.then(stop => stop())
    resolve(heard)
  })
})

await check('the page finds out that it may call', () => isTauri())
// In the handler of Tauri 0.x, to which the short name belongs here, the text of the message says which command it is.
const [handlers, functions] = [{ value: 5, message: 'async response!' }, { value: 23, message: payload.state }]
for (const [plugin, answer] of [['', handlers], ['plugin:hello-handler|', handlers], ['plugin:ordinary|', functions]]) {
  for (const cmd of [`${plugin}doSomething`, `${plugin}do_something`]) {
    await check(`${cmd} resolves`, async () => same(await invoke(cmd, { count: 6, payload }), answer))
    await check(`${cmd} rejects with a string`, () => invoke(cmd, { count: 5, payload })
      .then(() => 'resolved', error => same(error, 'count should be > 5')))
  }
}
await check('an unknown command rejects', () => invoke('plugin:ordinary|do_somthing')
  .then(() => 'resolved', error => same(typeof error, 'string') && error.includes('unknown command `ordinary/do_somthing`')))
await check('a value comes back as it was', async () => same(await invoke('echo', { value: { deep: [1, 'two', null] } }), { deep: [1, 'two', null] }))
await check('a channel gets all values in order, before the call resolves', async () => {
  const heard = []
  const to = await invoke('count', { to: 500, numbers: new Channel(value => heard.push(value)) })
  return same([to, heard], [500, Array.from({ length: 500 }, (_, index) => index + 1)])
})
await check('a channel gets values that are fetched', async () => {
  const heard = []
  await invoke('texts', { bytes: 300_000, times: 5, texts: new Channel(value => heard.push(value[0] + value.length)) })
  return same(heard, ['a', 'b', 'c', 'd', 'e'].map(letter => letter + 300_000))
})
await check('a channel called onProgress gets the progress', async () => {
  const heard = []
  const steps = await invoke('report', { steps: 5, onProgress: new Channel(value => heard.push(value)) })
  return same([steps, heard.at(-1)], [5, 5])
})
await check('a channel of a call that fails ends', async () => {
  const channel = new Channel()
  const known = () => window.__TAURI_INTERNALS__.callbacks.has(channel.id)
  const before = known()
  await invoke('count', { to: 'many', channel }).catch(() => {})
  return same([before, known()], [true, false])
})
await check('bytes go and come as bytes', async () => {
  const answer = await invoke('invert', { data: new Uint8Array([0, 1, 255]) })
  return same([answer instanceof ArrayBuffer, ...new Uint8Array(answer)], [true, 255, 254, 0])
})
await check('a body without a name rejects', () => invoke('invert', new Uint8Array(3)).then(() => 'resolved', error => error.includes('data: bytes')))
await check('a plugin hears what the page emits, and the page what the plugin emits', async () => {
  await invoke('hear', { event: 'from-page' })
  const heard = next('heard')
  let often = 0
  await once('heard', () => often++)
  await emit('from-page', { at: 7 })
  const first = await heard
  const second = next('heard', ({ payload }) => payload.at === 8)
  await emit('from-page', { at: 8 })
  return same([first.event, typeof first.id, first.payload, (await second).payload, often], ['heard', 'number', { at: 7 }, { at: 8 }, 1])
})
await check('a listener that was ended hears nothing', async () => {
  let heard = 0
  const stop = await listen('heard', () => heard++)
  await stop()
  const later = next('heard')
  await emit('from-page', 9)
  await later
  return same([heard, await invoke('be_deaf')], [0, 1])
})
await check('a thousand calls get their own answers', async () => {
  const values = await Promise.all(Array.from({ length: 1000 }, (_, value) => invoke('echo', { value })))
  return values.every((value, index) => value === index)
})
await invoke('plugin:host|report', { ok, lines })
