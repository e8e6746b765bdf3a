import { attempts, check, nothingRan, patience, report } from './page.js'
import { elsewhere } from './elsewhere.js'

const attack = await (await fetch('attack.js')).text()
const inPage = (kind, same) => '<script>self.attackKind = ' + JSON.stringify(kind) + '; self.attackSameOrigin = ' + !!same + '</scr' + 'ipt><script>' + attack + '</scr' + 'ipt>'
const waiting = new Map()
window.addEventListener('message', ({ data }) => { if (data && data.attackDone) waiting.get(data.attackDone)?.(data) })
const done = kind => Promise.race([new Promise(resolve => waiting.set(kind, resolve)), patience(30_000, 'did not come to an end')])

// Some kinds of frames the webview or the host does not fill at all: then nothing is told, and nothing runs.
async function frame (kind, set, { mayStayEmpty } = {}) {
  await check(kind, async () => {
    const element = document.createElement('iframe')
    element.name = kind
    const told = done(kind)
    set(element)
    if (!element.parentNode) document.body.append(element)
    const outcome = await (mayStayEmpty ? Promise.race([told, patience(1500, null)]) : told)
    element.remove()
    if (outcome === null) return true
    if (typeof outcome === 'string') return outcome
    return outcome.found.length === 0 && outcome.requests > 0 || outcome
  })
}

await frame('a frame of the same origin', element => { element.src = 'same.html?kind=' + encodeURIComponent('a frame of the same origin') })
await frame('a frame of another origin', element => { element.src = elsewhere + 'attack.html?kind=' + encodeURIComponent('a frame of another origin') })
await frame('nested', element => { element.src = elsewhere + 'nest.html' })
await frame('srcdoc', element => { element.srcdoc = inPage('srcdoc', true) })
await frame('srcdoc in a sandbox', element => { element.sandbox = 'allow-scripts allow-forms allow-popups'; element.srcdoc = inPage('srcdoc in a sandbox') })
await frame('about:blank, written to', element => {
  document.body.append(element)
  element.contentDocument.open()
  element.contentDocument.write(inPage('about:blank, written to', true))
  element.contentDocument.close()
})
await frame('data', element => { element.src = 'data:text/html,' + encodeURIComponent(inPage('data')) }, { mayStayEmpty: true })
await frame('blob', element => { element.src = URL.createObjectURL(new Blob([inPage('blob', true)], { type: 'text/html' })) }, { mayStayEmpty: true })
await frame('javascript', element => { element.src = 'javascript:' + JSON.stringify(inPage('javascript', true)) }, { mayStayEmpty: true })
await frame('an address with a space', element => { element.src = elsewhere + 'attack.html?kind=an address with a space#a b' })
await frame('an address beyond ASCII', element => { element.src = elsewhere + 'attack.html?x=é \u{1f600}&kind=' + encodeURIComponent('an address beyond ASCII') })
await frame('a file', element => { element.src = 'file:///etc/passwd' }, { mayStayEmpty: true })

for (const [tag, attribute] of [['object', 'data'], ['embed', 'src']]) {
  await check(tag, async () => {
    const element = document.createElement(tag)
    const told = done(tag)
    element[attribute] = elsewhere + 'attack.html?kind=' + tag
    if (tag === 'embed') element.type = 'text/html'
    document.body.append(element)
    const outcome = await Promise.race([told, patience(2000, null)])
    element.remove()
    return outcome === null || outcome.found.length === 0 || outcome
  })
}

for (const [kind, make] of [
  ['a worker', () => new Worker('attack.js', { name: 'a worker' })],
  ['a worker from a blob', () => new Worker(URL.createObjectURL(new Blob([attack], { type: 'text/javascript' })), { name: 'a worker from a blob' })],
  ['a module worker', () => new Worker('attack.js', { name: 'a module worker', type: 'module' })]
]) {
  await check(kind, async () => {
    const worker = make()
    const told = await Promise.race([
      new Promise(resolve => { worker.onmessage = ({ data }) => resolve(data) }),
      new Promise(resolve => { worker.onerror = () => resolve(null) }),
      patience(30_000, 'did not come to an end')
    ])
    worker.terminate()
    return told === null || told.found.length === 0 || told
  })
}

await check('window.open gives no window', () => ['attack.html', elsewhere + 'attack.html', 'about:blank', '', 'data:text/html,x'].every(address => window.open(address) === null))
await check('each attempt was counted', async () => {
  const { posts, requests } = await attempts()
  return posts > 100 && requests > 100 || [posts, requests]
})
await check('the page itself is still heard', async () => {
  const value = { still: 'here' }
  return (await window.__TAURI__.promisified({ cmd: 'counting/echo', value })).still === 'here'
})
await nothingRan()
report()
