// The module of Tauri 0.x, bundled unchanged, and this host's own module beside it: both must answer alike.
import * as fs from 'tauri/api/fs'
import * as notification from 'tauri/api/notification'
import * as tauri from 'tauri/api/tauri'
import * as own from '../../../host/js/plugin-host.js'
import { check, lines, ok } from './check.js'

const payload = { state: 'some string data', data: 17 }

for (const [module, { invoke, promisified, transformCallback }] of Object.entries({ tauri, own })) {
  for (const plugin of ['hello-functions', 'hello-handler']) {
    const cmd = `${plugin}/doSomething`
    await check(`${module}: ${cmd} resolves`, () => promisified({ cmd, count: 6, payload })
      .then(response => response.value === 5 && response.message === 'async response!'))
    await check(`${module}: ${cmd} rejects with a string`, () => promisified({ cmd, count: 5, payload })
      .then(() => 'resolved', error => error === 'count should be > 5'))
  }
  await check(`${module}: an unknown command rejects`, () => promisified({ cmd: 'doSomthing' })
    .then(() => 'resolved', error => error.includes('did you mean')))
  await check(`${module}: a thousand promises settle with their own answers`, async () => {
    const values = await Promise.all(Array.from({ length: 1000 }, (_, value) => promisified({ cmd: 'echo', value })))
    return values.every((value, index) => value === index)
  })
  await check(`${module}: invoke returns nothing, and its command runs`, async () => {
    if (invoke({ cmd: 'mark', name: module }) !== undefined) return 'something'
    // Commands that run on the main thread run in the order of their calls.
    return await promisified({ cmd: 'marks', name: module }) === 1
  })
  await check(`${module}: a callback's name is the name of a function on the window`, () => {
    let got
    window[transformCallback(value => { got = value }, true)](7)
    return got === 7
  })
}
const unknown = cmd => call => call.then(() => 'resolved', error => error.includes(`unknown command \`${cmd}\``))
await check('both ask the same command for a file', async () => {
  const asked = unknown('readTextFile')
  return await asked(fs.readTextFile('a')) && await asked(own.fs.readTextFile('a')) && fs.Dir.App === own.fs.Dir.App
})
await check('the groups of the module are those of the window', () => {
  const { store, window: { label } } = window.__TAURI__
  return own.store.get === store.get && own.appWindow.label === label && label === 'main' && 'keys' in own.store && own.store.other === undefined
})
await check('notifications are asked for by commands, when the page wants to know', async () => {
  if (window.Notification.permission !== 'default') return window.Notification.permission
  return unknown('isNotificationPermissionGranted')(notification.isPermissionGranted())
})
own.invoke({ cmd: 'host/report', ok, lines })
