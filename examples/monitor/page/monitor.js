// The page: joins the clock, what it asks, and what is drawn of it.
import { Clock } from './clock.js'
import { disks } from './disks.js'
import { Film } from './film.js'
import * as meters from './meters.js'
import { ask, byId } from './page.js'
import * as table from './processes.js'
import { duration } from './units.js'

const { invoke, store } = window.__TAURI__
const KEPT = 'monitor/choices'
const [interval, span, pause] = ['interval', 'span', 'pause'].map(byId)
// So many of each chart, and somebody who looks sees lines.
const ENOUGH = 6

// Told to those who run this page without looking (`plugin-host run --report`).
const told = (ok, ...lines) => invoke({ cmd: 'host/report', ok, lines })
const counted = () => meters.samples().map(([name, count]) => `${name} ${count}`).join(', ')

// Where the charts stand still.
let stopped = null
const film = new Film({
  // The newest is just outside: so the line comes in from the right, and does not jump.
  now: () => (stopped ?? performance.now()) - clock.interval * 1.2,
  span: () => Number(span.value),
  charts: meters.all
})
const clock = new Clock(1000, runs => {
  if (runs && stopped !== null) {
    meters.interrupt()
    stopped = null
  } else if (!runs) stopped ??= performance.now()
  film.runs = runs
})

async function machine() {
  const about = await ask('processors', { cmd: 'machine' })
  const parts = [about.hostName, about.system, about.architecture, about.uptimeSeconds && `up ${duration(about.uptimeSeconds)}`]
  byId('machine').textContent = parts.filter(Boolean).join(' · ')
}

let order = null
const keep = () => {
  const choices = { interval: clock.interval, span: Number(span.value), order }
  // What cannot be kept is chosen again the next time.
  store.set(KEPT, choices).catch(error => console.warn(error))
}

async function remember() {
  const kept = await store.get(KEPT)
  if (!kept) return
  for (const [select, value] of [[interval, kept.interval], [span, kept.span]]) {
    if ([...select.options].some(option => option.value === String(value))) select.value = value
  }
  order = kept.order
  table.setOrder(order)
}

interval.onchange = () => {
  clock.interval = Number(interval.value)
  keep()
}
span.onchange = () => {
  film.draw()
  keep()
}
function togglePause() {
  clock.paused = !clock.paused
  pause.setAttribute('aria-pressed', clock.paused)
  pause.textContent = clock.paused ? 'Go on' : 'Pause'
  told(true, `${clock.paused ? 'paused' : 'goes on'} after ${counted()}`)
}
pause.onclick = togglePause
addEventListener('keydown', event => {
  if (event.key === 'Escape' && event.target === byId('filter')) {
    byId('filter').value = ''
    byId('filter').dispatchEvent(new Event('input'))
  }
  if (event.key !== ' ' || event.target !== document.body) return
  event.preventDefault()
  togglePause()
})
table.begin(chosen => {
  order = chosen
  keep()
}, (sought, fitting) => told(true, `filter ${sought}: ${fitting.map(({ id }) => id).slice(0, 50).join(' ')}`))

let seen = false
function first() {
  if (seen || !meters.samples().every(([, count]) => count >= ENOUGH)) return
  seen = true
  told(true, `samples: ${counted()}`)
  document.addEventListener('visibilitychange', () => told(true, `${document.hidden ? 'hidden' : 'seen again'} after ${counted()}`))
}
// What goes wrong before there is anything to see is all there is to tell.
const failed = error => {
  if (seen) return
  seen = true
  told(false, String(error))
}

async function start() {
  await remember().catch(error => console.warn(error))
  const measure = async () => {
    try {
      await Promise.all([meters.processors(), meters.memory(), meters.network()])
      first()
    } catch (error) {
      failed(error)
      throw error
    }
  }
  clock.each(measure)
  clock.each(table.processes, 2000)
  clock.each(disks, 10_000)
  clock.each(machine, 60_000)
  clock.interval = Number(interval.value)
}
start()
