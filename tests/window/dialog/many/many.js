// Opens dialogues of each kind and gives them up at any time, before they are on the screen too, while other calls go on and the page
// draws. Then one more, for a user to answer.
import { folder } from './folder.js'

const { invoke, promisified } = window.__TAURI__
const report = (line, ok = true) => invoke({ cmd: 'host/report', ok, lines: [line] })
const kinds = [
  { cmd: 'openDialog', options: { title: 'A file', defaultPath: folder } },
  { cmd: 'askDialog', title: 'A question', message: 'Is it raining?' },
  { cmd: 'saveDialog', options: { title: 'Save', defaultPath: folder + '/new.txt' } },
  { cmd: 'messageDialog', title: 'A message', message: 'It is raining.' },
  { cmd: 'openDialog', options: { title: 'A folder', directory: true, defaultPath: folder } }
]
let others = 0, frames = 0, longest = 0, last = performance.now(), going = true
const draw = now => {
  longest = Math.max(longest, now - last)
  last = now
  frames++
  document.body.style.background = `hsl(${frames % 360} 50% 50%)`
  if (going) requestAnimationFrame(draw)
}
requestAnimationFrame(draw)
const busy = async () => {
  while (going) if (await promisified({ cmd: 'echo', value: others }) === others) others++
}
const busyness = busy()
let wrong = 0
for (let number = 0; number < 120; number++) {
  const controller = new AbortController()
  const call = promisified(kinds[number % kinds.length], { signal: controller.signal })
  setTimeout(() => controller.abort('enough'), number * 7 % 150)
  await call.then(() => wrong++, error => { if (error !== 'enough') wrong++ })
}
report(`120 dialogues were given up, and ${others} other calls answered; ${frames} frames, the longest ${Math.round(longest)} ms`, wrong === 0 && others > 100)
const chosen = await promisified({ cmd: 'openDialog', options: { title: 'The last', defaultPath: folder } })
going = false
await busyness
report(`The last: ${JSON.stringify(chosen)}`)
