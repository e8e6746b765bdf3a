// What the host serves of the frontend folder, and under which conditions.
import { attempts, check, nothingRan, patience, report } from './page.js'
import { elsewhere, framed } from './elsewhere.js'

const get = (path, options) => fetch('plugin-host://localhost' + path, options)
await check('files have their type, and browsers are told not to guess', async () => {
  const expected = { '/index.html': 'text/html', '/index.js': 'text/javascript', '/page.js': 'text/javascript' }
  for (const [path, kind] of Object.entries(expected)) {
    const { headers } = await get(path)
    if (!headers.get('content-type').startsWith(kind) || headers.get('x-content-type-options') !== 'nosniff') return path
  }
  return true
})
await check('a part of a file is served, and its head', async () => {
  const whole = await (await get('/page.js')).text()
  const part = await get('/page.js', { headers: { range: 'bytes=3-9' } })
  const text = await part.text()
  const head = await get('/page.js', { method: 'HEAD' })
  return part.status === 206 && text === whole.slice(3, 10) && part.headers.get('content-range') === 'bytes 3-9/' + whole.length &&
    head.status === 200 && (await head.text()) === '' || [part.status, text, head.status]
})
await check('nothing outside of the folder is served', async () => {
  const outside = ['/../outside.txt', '/%2e%2e/outside.txt', '/%2e%2e%2foutside.txt', '/..%2foutside.txt', '/..%5coutside.txt', '/%252e%252e/outside.txt', '/link.txt', '/con', '/nul.txt',
    '/index.js%00', '/' + 'a'.repeat(10_000), '//etc/passwd', '/%2fetc/passwd', '/%', '/.calls/../../outside.txt']
  for (const path of outside) {
    const response = await get(path)
    if (response.status !== 404 || (await response.text()).includes('the outside')) return path + ' ' + response.status
  }
  return (await attempts()).badPaths > 5
})
const violations = []
window.addEventListener('securitypolicyviolation', event => violations.push(event.violatedDirective))
const violated = async directive => {
  for (let waited = 0; waited < 100 && !violations.some(one => one.startsWith(directive)); waited++) await patience(20)
  return violations.some(one => one.startsWith(directive)) || violations
}
await check('text in the page does not become code', async () => {
  const script = document.createElement('script')
  script.textContent = 'window.ran = true'
  document.body.append(script)
  document.body.insertAdjacentHTML('beforeend', '<img src="x:" onerror="window.ran = true">')
  let evaluated
  try { evaluated = (0, eval)('1') } catch (error) { evaluated = undefined }
  return (await violated('script-src')) === true && window.ran === undefined && evaluated === undefined
})
await check('scripts, data and frames come from the page\'s own folder', async () => {
  const script = document.createElement('script')
  script.src = elsewhere + 'attack.js'
  document.body.append(script)
  const fetched = await fetch(elsewhere).then(() => 'fetched', () => 'refused')
  const frame = document.createElement('iframe')
  frame.src = elsewhere
  document.body.append(frame)
  return fetched === 'refused' && (await violated('connect-src')) === true && (await violated('frame-src')) === true
})
await check('frames show what is listed for them', async () => {
  const frame = document.createElement('iframe')
  const told = new Promise(resolve => window.addEventListener('message', ({ data }) => data && data.attackDone && resolve(data)))
  frame.src = framed + 'attack.html?kind=framed'
  document.body.append(frame)
  const outcome = await Promise.race([told, patience(30_000, 'it is not shown')])
  return outcome.found !== undefined && outcome.found.length === 0 || outcome
})
await check('what the page itself makes is allowed', async () => {
  document.body.insertAdjacentHTML('beforeend', '<p style="color: red" id="styled">x</p>')
  const image = new Image()
  const shown = new Promise(resolve => { image.onload = () => resolve(true); image.onerror = () => resolve('the image is refused') })
  image.src = 'data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA='
  return getComputedStyle(document.getElementById('styled')).color === 'rgb(255, 0, 0)' && await shown
})
await nothingRan()
report()
