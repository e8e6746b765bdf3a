// Processors, memory and network: asked, kept in histories, and said in words. When they are asked is not decided here.
import { Chart } from './chart.js'
import { History } from './history.js'
import { ask, byId, element } from './page.js'
import { bytes, percent, perSecond, top } from './units.js'

const histories = { processors: new History(), memory: new History(), network: new History() }
const each = []
let memoryTotal = 1
let before = null

export const charts = {
  processors: new Chart(byId('processors-chart'), histories.processors, { top: () => 100, format: value => `${value} %`, left: 44 }),
  memory: new Chart(byId('memory-chart'), histories.memory, { top: () => memoryTotal, format: bytes, binary: true, left: 60 }),
  network: new Chart(byId('network-chart'), histories.network, {
    top: since => top(histories.network.highest(since), 4096, true), format: perSecond, binary: true, left: 66
  })
}
export const all = () => [...Object.values(charts), ...each.map(({ chart }) => chart)]
// How many samples each chart has had.
export const samples = () => Object.entries(histories).map(([name, { count }]) => [name, count])

// What comes next is not joined to what was before.
export function interrupt() {
  for (const history of [...Object.values(histories), ...each.map(({ history }) => history)]) history.interrupt()
  before = null
}

function small(name) {
  const canvas = element('canvas'), now = element('span'), history = new History()
  canvas.setAttribute('role', 'img')
  byId('each').append(element('figure', undefined, element('div', undefined, element('span', name), now), canvas))
  return { name, now, history, chart: new Chart(canvas, history, { bare: true, top: () => 100 }) }
}

export async function processors() {
  const load = await ask('processors', { cmd: 'processors' })
  const at = performance.now()
  // Some come and go: a machine may switch them off.
  while (each.length > load.processors.length) {
    each.pop()
    byId('each').lastChild.remove()
  }
  load.processors.forEach((one, index) => {
    each[index] ||= small(one.name)
    const { name, now, history, chart } = each[index]
    now.textContent = percent(one.usagePercent)
    chart.describe(`Processor ${name}: ${percent(one.usagePercent)}`)
    if (one.usagePercent !== null) history.push(at, [one.usagePercent])
  })
  byId('processors-now').textContent = percent(load.usagePercent)
  byId('processors').title = load.brand
  // There is nothing to compare the first measurement with.
  if (load.usagePercent === null) return
  histories.processors.push(at, [load.usagePercent])
  charts.processors.describe(`Processors: ${percent(load.usagePercent)} of all ${load.processors.length}`)
}

export async function memory() {
  const { totalBytes, usedBytes, availableBytes, swapTotalBytes, swapUsedBytes } = await ask('memory', { cmd: 'memory' })
  // One scale for both, so that they can be compared.
  memoryTotal = Math.max(totalBytes, swapTotalBytes)
  histories.memory.push(performance.now(), [usedBytes, swapTotalBytes ? swapUsedBytes : null])
  const swap = swapTotalBytes ? `${bytes(swapUsedBytes)} of ${bytes(swapTotalBytes)} swap` : 'no swap'
  byId('memory-now').textContent = `${bytes(usedBytes)} of ${bytes(totalBytes)}`
  byId('memory-note').textContent = `${bytes(availableBytes)} available`
  byId('memory').querySelector('.second').textContent = swapTotalBytes ? `Swap ${bytes(swapUsedBytes)}` : 'No swap'
  charts.memory.describe(`Memory: ${bytes(usedBytes)} of ${bytes(totalBytes)} in use, ${swap}`)
}

export async function network() {
  const now = await ask('network', { cmd: 'networks' })
  const outside = now.interfaces.filter(({ loopback }) => !loopback)
  const old = new Map(before?.interfaces.map(one => [one.name, one]))
  // One that has just come, or counts from the beginning again, has no speed yet.
  const moved = field => outside.reduce((sum, one) => sum + Math.max(one[field] - (old.get(one.name)?.[field] ?? one[field]), 0), 0)
  const seconds = before && (now.milliseconds - before.milliseconds) / 1000
  before = now
  byId('network-note').textContent = outside.length ? outside.map(({ name }) => name).join(', ') : 'no interface but the loopback'
  if (!seconds) return
  const [received, sent] = [moved('receivedBytes') / seconds, moved('sentBytes') / seconds]
  histories.network.push(performance.now(), [received, sent])
  byId('network-now').textContent = `↓ ${perSecond(received)}  ↑ ${perSecond(sent)}`
  charts.network.describe(`Network: ${perSecond(received)} received, ${perSecond(sent)} sent`)
}
