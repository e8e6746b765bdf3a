// A page that wants to go, or have somebody else go, to where it should not.
import { attempts, check, nothingRan, patience, report, until } from './page.js'
import { elsewhere } from './elsewhere.js'

const { promisified } = window.__TAURI__
const addresses = ['https://example.com/a?b#c', elsewhere + 'attack.html', 'plugin-host://localhost.evil/', 'plugin-host://other/', 'data:text/html,x',
  'file:///etc/passwd', 'about:config', 'blob:null/x', 'tauri://localhost/', 'http://localhost:1/ a é']
for (const address of addresses) {
  await check('the window stays: ' + address, async () => {
    try { location.href = address } catch (error) { /* the webview does not want it either */ }
    await patience(30)
    return (await promisified({ cmd: 'echo', value: address })) === address
  })
}
await check('links with a target of their own make no window', async () => {
  const before = (await attempts()).newWindows
  const link = document.createElement('a')
  Object.assign(link, { target: '_blank', href: 'https://other.example/' })
  document.body.append(link)
  link.click()
  return until(async () => (await attempts()).newWindows === before + 1)
})
await check('a link to an origin that is listed is opened in the browser', async () => {
  const before = await attempts()
  const link = document.createElement('a')
  Object.assign(link, { target: '_blank', href: "https://example.com/a?b='$(touch x)'#c" })
  document.body.append(link)
  link.click()
  // That it was opened is seen outside; here, that the one after it is the next that is refused.
  const other = document.createElement('a')
  Object.assign(other, { target: '_blank', href: 'https://other.example/again' })
  document.body.append(other)
  other.click()
  await until(async () => (await attempts()).newWindows > before.newWindows)
  const after = await attempts()
  return after.newWindows === before.newWindows + 1 || after
})
await check('forms do not lead elsewhere', async () => {
  const form = document.createElement('form')
  Object.assign(form, { method: 'post', action: elsewhere })
  document.body.append(form)
  form.submit()
  await patience(100)
  return (await promisified({ cmd: 'echo', value: 'here' })) === 'here'
})
await check('what was refused was counted', async () => (await attempts()).navigations > 3 || attempts())
await nothingRan()
report()
