// The machine's numbers, drawn: processors over the last minute, memory, disks.
import { ask, byId, bytes, duration, element, meter, percent } from './parts.js'

const MINUTE = 60
const history = []

// Two measurements or more.
export const measured = () => history.length

export async function machine() {
  const about = await ask('processors', { cmd: 'machine' })
  const parts = [about.hostName, about.system, about.architecture, about.uptimeSeconds && `up ${duration(about.uptimeSeconds)}`]
  byId('machine').textContent = parts.filter(Boolean).join(' · ')
}

export async function processors() {
  const load = await ask('processors', { cmd: 'processors' })
  byId('processors-brand').textContent = load.brand
  byId('processors-total').textContent = percent(load.usagePercent)
  byId('processors-bars').replaceChildren(...load.processors.map(one => meter(one.name, percent(one.usagePercent), (one.usagePercent || 0) / 100)))
  if (load.usagePercent === null) return
  history.push(load.usagePercent)
  if (history.length > MINUTE) history.shift()
  const points = history.map((value, index) => `${(300 - (history.length - 1 - index) * 300 / (MINUTE - 1)).toFixed(1)},${(59 - value * .57).toFixed(1)}`)
  const first = points[0].split(',')[0]
  byId('processors-line').setAttribute('d', 'M' + points.join('L'))
  byId('processors-area').setAttribute('d', `M${first},60L${points.join('L')}L300,60Z`)
}

export async function memory() {
  const memory = await ask('memory', { cmd: 'memory' })
  byId('memory-total').textContent = percent(memory.usedBytes / memory.totalBytes * 100)
  const bars = [meter('In use', `${bytes(memory.usedBytes)} of ${bytes(memory.totalBytes)}`, memory.usedBytes / memory.totalBytes)]
  if (memory.swapTotalBytes) bars.push(meter('Swap', `${bytes(memory.swapUsedBytes)} of ${bytes(memory.swapTotalBytes)}`, memory.swapUsedBytes / memory.swapTotalBytes))
  byId('memory-bars').replaceChildren(...bars, element('p', `${bytes(memory.availableBytes)} available`))
  byId('memory-bars').lastChild.className = 'note'
}

export async function disks() {
  const disks = await ask('disks', { cmd: 'disks' })
  const bars = disks.filter(disk => disk.totalBytes).map(disk => {
    const used = disk.totalBytes - disk.availableBytes
    return meter(disk.mountPoint, `${bytes(disk.availableBytes)} free`, used / disk.totalBytes)
  })
  byId('disks-bars').replaceChildren(...bars.length ? bars : [element('p', 'none that the system tells of')])
}
