// The list: draws the rows that can be seen, however many there are, and knows which are chosen.
import { folder, whenChanged } from './folder.js'
import { look } from './paths.js'
import { bytes, byId, drawn, element, icon, time } from './parts.js'
import { tell } from './report.js'

const ROW = 30
// Rows above and below that are ready before they are scrolled to.
const SPARE = 6

const list = byId('list'), rows = byId('rows'), empty = byId('empty')
const pool = []
// What was chosen, by name, as places change with the order; the one that the keys move; where a range with Shift begins.
let chosen = new Set(), cursor = null, anchor = null
let version = 0
const hearers = []

export const whenChosen = hearer => hearers.push(hearer)
export const selection = () => folder.shown.filter(entry => chosen.has(entry.name))
export const current = () => folder.shown.find(entry => entry.name === cursor) || null
export const page = () => Math.max(1, Math.floor(list.clientHeight / ROW) - 1)
const indexOf = name => folder.shown.findIndex(entry => entry.name === name)
export const cursorIndex = () => indexOf(cursor)

function row() {
  const name = element('div', undefined, icon('file'), element('span'))
  const made = element('div', undefined, name, ...['size', 'modified', 'kind'].map(part => {
    const cell = element('div')
    cell.className = part
    return cell
  }))
  name.className = 'name'
  made.className = 'row'
  made.setAttribute('role', 'option')
  return made
}

function fill(made, index) {
  const entry = folder.shown[index], { icon: picture, word } = look(entry)
  const [name, size, modified, kind] = made.children
  made.style.transform = `translateY(${index * ROW}px)`
  made.id = 'row-' + index
  made.dataset.index = index
  name.firstChild.setAttribute('class', 'icon ' + picture)
  name.firstChild.firstChild.setAttribute('href', '#icon-' + picture)
  name.lastChild.textContent = entry.name
  made.title = entry.name
  size.textContent = entry.kind === 'file' ? bytes(entry.size) : ''
  modified.textContent = time(entry.modified)
  kind.textContent = word
  made.setAttribute('aria-selected', chosen.has(entry.name))
  made.classList.toggle('cursor', entry.name === cursor)
  made.hidden = false
}

let isAsked = false
export function draw() {
  if (isAsked) return
  isAsked = true
  requestAnimationFrame(() => {
    isAsked = false
    const count = folder.shown.length
    const first = Math.max(0, Math.floor(list.scrollTop / ROW) - SPARE)
    const last = Math.min(count, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + SPARE)
    while (pool.length < last - first) {
      pool.push(row())
      rows.append(pool[pool.length - 1])
    }
    // An entry keeps its row while it is seen, so that scrolling fills only those that come.
    const used = new Set()
    for (let index = first; index < last; index++) {
      const made = pool[index % pool.length]
      used.add(made)
      if (made.version === version && made.index === index) continue
      made.version = version
      made.index = index
      fill(made, index)
    }
    for (const made of pool) {
      if (used.has(made)) continue
      made.hidden = true
      made.version = -1
      made.removeAttribute('id')
    }
  })
}

export const rowsInPage = () => rows.querySelectorAll('.row:not([hidden])').length

// Everything may look otherwise.
export function redraw() {
  version++
  rows.style.height = folder.shown.length * ROW + 'px'
  const index = cursorIndex()
  if (index < 0) list.removeAttribute('aria-activedescendant')
  else list.setAttribute('aria-activedescendant', 'row-' + index)
  empty.hidden = folder.shown.length > 0
  empty.classList.toggle('wrong', folder.error !== null)
  if (!empty.hidden) empty.textContent = folder.error || (folder.all.length ? 'There are only hidden files here.' : 'This folder is empty.')
  draw()
}

export function reveal(index) {
  const top = index * ROW
  if (top < list.scrollTop) list.scrollTop = top
  else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight
}

export const topOf = index => index * ROW

function settle() {
  redraw()
  for (const hearer of hearers) hearer()
}

// Chooses one, or all from the anchor to it, or it in addition.
export function choose(index, { range = false, more = false } = {}) {
  const { shown } = folder
  if (!shown.length) return
  index = Math.max(0, Math.min(shown.length - 1, index))
  const { name } = shown[index]
  const from = range ? Math.max(0, indexOf(anchor)) : index
  if (!range) anchor = name
  if (more) chosen.has(name) ? chosen.delete(name) : chosen.add(name)
  else chosen = new Set(shown.slice(Math.min(from, index), Math.max(from, index) + 1).map(entry => entry.name))
  cursor = name
  reveal(index)
  settle()
  drawn().then(() => { if (cursor === name) tell(`at ${name}, ${rowsInPage()} rows of ${folder.shown.length} in the page`) })
}

export function chooseAll() {
  chosen = new Set(folder.shown.map(entry => entry.name))
  settle()
}

whenChanged(how => {
  if (how.select !== undefined) {
    chosen = new Set()
    cursor = null
    const index = Math.max(0, how.select === null ? 0 : indexOf(how.select))
    if (how.select === null) list.scrollTop = 0
    if (folder.shown.length) {
      cursor = anchor = folder.shown[index].name
      chosen.add(cursor)
    }
    // Its height comes before it can be scrolled.
    redraw()
    reveal(index)
  } else {
    const there = new Set(folder.shown.map(entry => entry.name))
    chosen = new Set([...chosen].filter(name => there.has(name)))
    if (!there.has(cursor)) cursor = null
  }
  settle()
  if (how === 'order') return
  const { path, error } = folder
  drawn().then(() => {
    if (path === folder.path) tell(error ? `folder ${path}: ${error}` : `folder ${path}: ${folder.shown.length} entries, ${rowsInPage()} rows in the page`)
  })
})

list.addEventListener('scroll', draw, { passive: true })
new ResizeObserver(draw).observe(list)
