// The list: asks the plugin `store` as one types, and shows what it found.
import { byId, element, later, several, when } from './parts.js'
import { told } from './report.js'

const { promisified } = window.__TAURI__
const MOST = 200
const [list, search, count, wrong] = ['list', 'search', 'count', 'list-wrong'].map(byId)
let asked = 0
let chosen = null
let found = { total: 0, notes: [] }
let onChoose = () => {}

const buttons = () => [...list.querySelectorAll('button')]

function line(note) {
  const time = element('time', when(note.changed))
  time.dateTime = new Date(note.changed).toISOString()
  // One line of it is seen; the rest need not be drawn.
  const about = element('span', undefined, time, note.text.slice(0, 200).replace(/\s+/g, ' ').trim() || 'no text')
  const button = element('button', undefined, element('strong', note.title), about)
  button.dataset.id = note.id
  button.setAttribute('aria-current', note.id === chosen)
  button.onclick = () => onChoose(note)
  return element('li', undefined, button)
}

function draw() {
  const { total, notes } = found
  const sought = search.value.trim()
  count.textContent = total > notes.length ? `the last ${notes.length} of ${total}` : sought ? `${total} found` : several(total, 'note', 'notes')
  const focused = list.contains(document.activeElement) ? document.activeElement.dataset.id : null
  const none = element('li', sought ? 'No note has this in it.' : 'No notes yet. What you write is kept as you type.')
  none.className = 'none'
  list.replaceChildren(...notes.length ? notes.map(line) : [none])
  // Who was in the list stays there.
  if (focused) buttons().find(button => button.dataset.id === focused)?.focus()
}

// Asks anew. An answer that comes after a later question is old, and dropped.
export async function refresh() {
  const number = ++asked
  const sought = search.value.trim()
  try {
    const answer = await promisified({ cmd: 'notes', search: sought, limit: MOST })
    if (number !== asked) return
    found = answer
    wrong.textContent = ''
    draw()
    if (sought) told(`found ${answer.total} by ${sought}`)
  } catch (error) {
    if (number === asked) wrong.textContent = error
    throw error
  }
}

// The list tells what went wrong.
export const refreshed = () => refresh().catch(() => {})

export function choose(id) {
  chosen = id
  for (const button of buttons()) button.setAttribute('aria-current', Number(button.dataset.id) === id)
}

export const notes = () => found.notes
export const whenChosen = listener => { onChoose = listener }

export function endSearch() {
  search.value = ''
  return refreshed()
}

export function begin() {
  const soon = later(150, refreshed)
  search.oninput = soon
  search.onkeydown = event => {
    if (event.key === 'ArrowDown') {
      event.preventDefault()
      buttons()[0]?.focus()
    } else if (event.key === 'Enter') {
      // Otherwise the line break goes to the note that has the keyboard by then.
      event.preventDefault()
      // The answer to what was typed last, and not to what was there before.
      Promise.resolve(soon.now()).then(() => buttons()[0]?.click())
    }
  }
  list.onkeydown = event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (!step) return
    event.preventDefault()
    const all = buttons()
    const next = all.indexOf(document.activeElement) + step
    if (next < 0) search.focus()
    else all[next]?.focus()
  }
}
