// The folder that is shown: its entries in their order, and what happens to them on disk. Draws nothing; who wants to know hears `changed`.
import { look, nameOf, parent, way } from './paths.js'
const { fs } = window.__TAURI__

// A folder that changes all the time is listed anew after so many times what listing it takes, and at least so many milliseconds.
const REST = 4, SHORTEST_REST = 150

export const folder = {
  path: '', all: [], shown: [], error: null, unwatched: null,
  sort: { by: 'name', down: false }, hidden: false
}

const hearers = []
export const whenChanged = hearer => hearers.push(hearer)
const changed = how => { for (const hearer of hearers) hearer(how) }

const before = []
const { compare } = new Intl.Collator('en', { numeric: true, sensitivity: 'base' })
const orders = {
  name: () => 0,
  size: (a, b) => (a.kind === 'folder' ? 0 : a.size - b.size),
  modified: (a, b) => (a.modified || 0) - (b.modified || 0),
  kind: (a, b) => compare(a.word, b.word)
}

function arrange() {
  const { by, down } = folder.sort
  const sign = down ? -1 : 1
  // Folders stand before files in any order.
  folder.shown = folder.all.filter(entry => folder.hidden || !entry.name.startsWith('.')).sort((a, b) =>
    (b.kind === 'folder') - (a.kind === 'folder') || sign * orders[by](a, b) || (by === 'name' ? sign : 1) * compare(a.name, b.name))
}

export function sortBy(by) {
  const { sort } = folder
  folder.sort = { by, down: sort.by === by ? !sort.down : by === 'size' || by === 'modified' }
  arrange()
  changed('order')
}

export function showHidden(hidden) {
  folder.hidden = hidden
  arrange()
  changed('order')
}

let visit = new AbortController()

async function read(path, signal) {
  const entries = await fs.list(path, {}, { signal })
  return entries.map(entry => ({ ...entry, word: look(entry).word }))
}

// Going up chooses the folder that was left, or the one it is in.
function childOn(path, from) {
  const on = way(from).find(one => parent(one) === path)
  return on ? nameOf(on) : null
}

// Shows a folder. `select` is the name that is to be chosen there.
export async function go(path, { select, back } = {}) {
  if (folder.path && !back && path !== folder.path) before.push(folder.path)
  const from = folder.path
  visit.abort()
  visit = new AbortController()
  const { signal } = visit
  let all = [], error = null
  try {
    all = await read(path, signal)
  } catch (reason) {
    error = String(reason)
  }
  if (signal.aborted) return
  Object.assign(folder, { path, all, error, unwatched: null })
  arrange()
  changed({ select: select || childOn(path, from) })
  if (!error) follow(path, signal)
}

export const canGoBack = () => before.length > 0
export function back() {
  const path = before.pop()
  return path && go(path, { back: true, select: nameOf(folder.path) })
}

// Lists it anew, now or when the last time is long enough ago.
let listing = null, again = false
export async function refresh(select) {
  if (listing && !select) {
    again = true
    return
  }
  const { signal } = visit
  const { path } = folder
  const mine = listing = {}
  const began = performance.now()
  try {
    const all = await read(path, signal)
    if (!signal.aborted) {
      Object.assign(folder, { all, error: null })
      arrange()
      changed(select ? { select } : 'disk')
    }
  } catch (reason) {
    if (!signal.aborted) {
      Object.assign(folder, { all: [], error: String(reason) })
      arrange()
      changed('disk')
    }
  }
  const rest = Math.max(SHORTEST_REST, REST * (performance.now() - began))
  setTimeout(() => {
    if (listing !== mine) return
    listing = null
    if (!again) return
    again = false
    refresh()
  }, rest)
}

// Follows what happens in it until it is left.
async function follow(path, signal) {
  const isSeen = one => folder.hidden || !nameOf(one).startsWith('.')
  try {
    // What has happened between the listing and the beginning of the watch is seen by listing again.
    const changes = fs.watch(path, {}, { signal, onProgress: () => refresh() })
    for await (const { paths } of changes) {
      if (paths.some(isSeen)) refresh()
    }
    // It is over when the folder is gone.
    refresh()
  } catch (reason) {
    if (signal.aborted) return
    folder.unwatched = String(reason)
    changed('order')
  }
}
