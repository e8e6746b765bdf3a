// The table of processes. The chosen order is remembered in the store.
import { ask, byId, bytes, element } from './parts.js'

const KEY = 'desk/processes'
const buttons = [...byId('processes').querySelectorAll('button[data-sort]')]
let sort = 'memory'

function show() {
  for (const button of buttons) button.setAttribute('aria-pressed', button.dataset.sort === sort)
}

export async function processes() {
  const list = await ask('processes', { cmd: 'processes', sort, limit: 100 })
  byId('processes-total').textContent = list.total
  byId('processes-rows').replaceChildren(...list.processes.map(one => element('tr', undefined,
    element('td', one.name), element('td', one.id), element('td', `${one.processorPercent.toFixed(1)} %`), element('td', bytes(one.memoryBytes)))))
}

export async function remembered() {
  const known = await ask('processes', { cmd: 'storeGet', key: KEY })
  if (known && buttons.some(button => button.dataset.sort === known.sort)) sort = known.sort
  show()
}

for (const button of buttons) {
  button.onclick = () => {
    sort = button.dataset.sort
    show()
    const done = [processes(), ask('processes', { cmd: 'storeSet', key: KEY, value: { sort } })]
    // The section tells it.
    Promise.all(done).catch(() => {})
  }
}
show()
