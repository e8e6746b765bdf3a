// The table of processes: sorted and filtered here, so that a choice is seen at once. A row stays its process's own as long as that runs.
import { ask, byId, element } from './page.js'
import { bytes, duration } from './units.js'

// More than anybody reads; a filter finds the others.
const ROWS = 250
const MOST = 10_000
const compare = {
  name: (left, right) => left.name.localeCompare(right.name, undefined, { sensitivity: 'base' }),
  id: (left, right) => left.id - right.id,
  processor: (left, right) => left.processorPercent - right.processorPercent,
  memory: (left, right) => left.memoryBytes - right.memoryBytes,
  age: (left, right) => left.runSeconds - right.runSeconds
}
const falling = { name: false, id: false, processor: true, memory: true, age: true }
const headings = [...byId('table').querySelectorAll('th button')]
const rows = new Map()
const none = element('tr', undefined, element('td', 'No process has this in its name or id.'))
let list = []
let total = 0
let order = { by: 'processor', down: true }
let onOrder = () => {}
let onFilter = () => {}

none.firstChild.colSpan = 5
none.firstChild.className = 'none'

function row(one) {
  if (!rows.has(one.id)) rows.set(one.id, element('tr', undefined, ...Array.from({ length: 5 }, () => element('td'))))
  const made = rows.get(one.id)
  const texts = [one.name, one.id, `${one.processorPercent.toFixed(1)} %`, bytes(one.memoryBytes), duration(one.runSeconds)]
  texts.forEach((text, index) => {
    const cell = made.children[index]
    if (cell.textContent !== String(text)) cell.textContent = text
  })
  made.firstChild.title = one.name
  return made
}

function draw() {
  const sought = byId('filter').value.trim().toLowerCase()
  const fitting = list.filter(({ name, id }) => name.toLowerCase().includes(sought) || String(id).includes(sought))
  const sign = order.down ? -1 : 1
  // Equal ones by their ids, so that lines do not jump.
  fitting.sort((left, right) => sign * compare[order.by](left, right) || left.id - right.id)
  const wanted = fitting.slice(0, ROWS).map(row)
  if (!wanted.length && list.length) wanted.push(none)
  byId('rows').replaceChildren(...wanted)
  const shown = Math.min(fitting.length, ROWS)
  byId('processes-now').textContent = sought || shown < total ? `${shown} of ${total}` : String(total)
  return fitting
}

export async function processes() {
  const answer = await ask('processes', { cmd: 'processes', limit: MOST })
  list = answer.processes
  total = answer.total
  const alive = new Set(list.map(({ id }) => id))
  for (const id of rows.keys()) if (!alive.has(id)) rows.delete(id)
  draw()
  return list
}

function show() {
  for (const button of headings) {
    const heading = button.parentElement
    if (button.dataset.sort === order.by) heading.setAttribute('aria-sort', order.down ? 'descending' : 'ascending')
    else heading.removeAttribute('aria-sort')
  }
}

// What was kept of an earlier run; what is no order is left.
export function setOrder(kept) {
  if (kept && kept.by in compare) order = { by: kept.by, down: !!kept.down }
  show()
}

export function begin(hearOrder, hearFilter) {
  onOrder = hearOrder
  onFilter = hearFilter
  for (const button of headings) {
    button.onclick = () => {
      const by = button.dataset.sort
      order = { by, down: by === order.by ? !order.down : falling[by] }
      show()
      draw()
      onOrder(order)
    }
  }
  byId('filter').oninput = () => onFilter(byId('filter').value, draw())
  show()
}
