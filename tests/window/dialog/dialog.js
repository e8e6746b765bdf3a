// Opens dialogues one after another, makes other calls while they are open, and tells what the user has answered. The user is a test,
// which knows the titles; it says in `seen.txt` which of them it has seen on the screen.
import { folder } from './folder.js'

const { invoke, promisified } = window.__TAURI__
const report = (line, ok = true) => invoke({ cmd: 'host/report', ok, lines: [line] })
const settled = promise => promise.then(value => JSON.stringify(value), error => 'error: ' + error)
const seen = async title => {
  while (!(await (await fetch('seen.txt')).text()).split('\n').includes(title)) await new Promise(requestAnimationFrame)
}

// One that the user answers, after a hundred other calls were.
const answered = async (title, message) => {
  let isOpen = true
  const answer = settled(promisified(message)).finally(() => { isOpen = false })
  await seen(title)
  const numbers = Array.from({ length: 100 }, (_, number) => number)
  const others = await Promise.all(numbers.map(value => promisified({ cmd: 'echo', value })))
  report(`${title}: others are answered`, isOpen && String(others) === String(numbers))
  report(`${title}: ${await answer}`)
}
const open = (title, options) => answered(title, { cmd: 'openDialog', options: { title, ...options } })
const save = (title, options) => answered(title, { cmd: 'saveDialog', options: { title, ...options } })

await open('One file', { defaultPath: folder })
await open('Some files', { multiple: true, filter: 'txt,md;png', defaultPath: folder })
await open('All files', { multiple: true, filters: [{ name: 'Texts', extensions: ['txt'] }], defaultPath: folder })
await open('No file', {})
await open('A folder', { directory: true, defaultPath: folder })
await save('A new file', { defaultPath: folder + '/new.txt' })
await save('An old file', { defaultPath: folder + '/a.txt' })
await save('An old file after all', { defaultPath: folder + '/a.txt' })
await save('Nowhere', { defaultPath: folder })
await answered('Yes', { cmd: 'askDialog', title: 'Yes', message: 'Is it raining?' })
await answered('No', { cmd: 'askDialog', title: 'No', message: 'Is it raining?' })
await answered('Never mind', { cmd: 'askDialog', title: 'Never mind', message: 'Is it raining?' })
await answered('A message', { cmd: 'messageDialog', title: 'A message', message: 'It is raining.', kind: 'warning' })

// One that the page gives up.
const controller = new AbortController()
const given = promisified({ cmd: 'openDialog', options: { title: 'Given up' } }, { signal: controller.signal })
await seen('Given up')
controller.abort('enough')
report(`given up: ${await settled(given)}`)
await answered('After it', { cmd: 'askDialog', title: 'After it', message: 'Is it raining?' })

// Two at once: the second comes when the first has been closed.
const two = number => answered(`${number} of 2`, { cmd: 'askDialog', title: `${number} of 2`, message: '?' })
await Promise.all([two(1), seen('1 of 2').then(() => two(2))])
report('all of them')
