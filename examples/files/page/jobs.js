// Copies under way: a few at a time, the others wait; each with a bar, its rate, and a button that cancels it.
import { bytes, byId, duration, element } from './parts.js'
import { tell } from './report.js'

const AT_A_TIME = 2
const MOST_WAITING = 1000
// The rate is that of the last so many milliseconds, and is shown so often.
const WINDOW = 2000, PACE = 100

const jobs = byId('jobs')
const waiting = []
let running = 0

function view(job) {
  const name = element('span', job.name), far = element('span', 'waiting'), bar = element('progress'), button = element('button', 'Cancel')
  const what = element('div', undefined, name, far)
  const made = element('div', undefined, what, bar, button)
  what.className = 'what'
  far.className = 'far'
  made.className = 'job'
  bar.max = 1
  bar.value = 0
  bar.setAttribute('aria-label', job.name)
  button.setAttribute('aria-label', `Cancel: ${job.name}`)
  button.onclick = () => job.controller.abort('cancelled')
  return { made, far, bar, button }
}

function watchRate(job, seen) {
  const samples = []
  let drawn = 0, quarter = 0
  return ({ done, total }) => {
    const now = performance.now()
    samples.push([now, done])
    while (samples.length > 2 && now - samples[0][0] > WINDOW) samples.shift()
    const part = total ? done / total : 1
    if (Math.floor(part * 4) > quarter) {
      quarter = Math.floor(part * 4)
      tell(`job ${job.name}: ${quarter * 25} %`)
    }
    if (now - drawn < PACE && done < total) return
    drawn = now
    const [since, before] = samples[0]
    const rate = now > since ? (done - before) / (now - since) * 1000 : 0
    const rest = rate > 0 && done < total ? `, ${duration((total - done) / rate)} left` : ''
    seen.bar.value = part
    seen.far.textContent = `${bytes(done)} of ${bytes(total)}${rate > 0 ? `, ${bytes(rate)}/s` : ''}${rest}`
  }
}

function remove(made) {
  const hadFocus = made.contains(document.activeElement)
  made.remove()
  jobs.hidden = !jobs.childElementCount
  if (hadFocus) (jobs.querySelector('button') || byId('list')).focus()
}

// What has failed stays until it has been read.
function fail(job, seen, reason) {
  const sentence = element('p', reason)
  sentence.className = 'sentence'
  seen.made.classList.add('wrong')
  seen.far.textContent = 'failed'
  seen.bar.replaceWith(sentence)
  seen.button.textContent = 'Close'
  seen.button.setAttribute('aria-label', `Close: ${job.name}`)
  seen.button.onclick = () => remove(seen.made)
}

async function run(job) {
  const { signal } = job.controller
  try {
    job.seen.far.textContent = 'begins'
    const left = await job.work({ signal, onProgress: watchRate(job, job.seen) })
    tell(`job ${job.name}: done`)
    if (left) fail(job, job.seen, `It is done but for ${left} links or devices in it, which are not copied.`)
    else remove(job.seen.made)
  } catch (reason) {
    tell(`job ${job.name}: ${signal.aborted ? 'cancelled' : reason}`)
    if (signal.aborted) remove(job.seen.made)
    else fail(job, job.seen, reason)
  }
  job.over()
}

function next() {
  while (running < AT_A_TIME && waiting.length) {
    running++
    run(waiting.shift()).finally(() => {
      running--
      next()
    })
  }
}

// Begins `work({ signal, onProgress })` when its turn comes. Resolves when it is over, however that was.
export function begin(name, work) {
  if (waiting.length >= MOST_WAITING) throw `${MOST_WAITING} copies wait already`
  return new Promise(over => {
    const job = { name, work, over, controller: new AbortController() }
    job.seen = view(job)
    jobs.append(job.seen.made)
    jobs.hidden = false
    job.controller.signal.addEventListener('abort', () => {
      const at = waiting.indexOf(job)
      if (at < 0) return
      waiting.splice(at, 1)
      tell(`job ${name}: cancelled`)
      remove(job.seen.made)
      over()
    })
    waiting.push(job)
    next()
  })
}
