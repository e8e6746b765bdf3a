// The mounted disks and what is left of them.
import { ask, byId, element } from './page.js'
import { bytes } from './units.js'

function meter(disk) {
  const used = (disk.totalBytes - disk.availableBytes) / disk.totalBytes
  const bar = element('progress')
  bar.max = 1
  bar.value = used
  bar.setAttribute('aria-label', `${disk.mountPoint}: ${Math.round(used * 100)} % in use`)
  const traits = [disk.fileSystem, disk.readOnly && 'read only', disk.removable && 'removable'].filter(Boolean).join(', ')
  const made = element('div', undefined,
    element('div', undefined, element('span', disk.mountPoint), element('span', `${bytes(disk.availableBytes)} of ${bytes(disk.totalBytes)} free`)),
    bar, element('small', `${disk.name}, ${traits}`))
  made.className = used > .95 ? 'meter full' : 'meter'
  return made
}

export async function disks() {
  const all = (await ask('disks', { cmd: 'disks' })).filter(({ totalBytes }) => totalBytes)
  byId('disks-list').replaceChildren(...all.length ? all.map(meter) : [element('p', 'None that the system tells of.')])
}
