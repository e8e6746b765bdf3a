// The keyboard and the mouse in the list: arrows, Enter, Backspace, and letters that jump to a name.
import { copyChosen, makeFolder, moveChosen, pasteHere, removeChosen, renameChosen } from './deeds.js'
import { back, folder, go } from './folder.js'
import { choose, chooseAll, current, cursorIndex, page } from './list.js'
import { sayWrong } from './notice.js'
import { byId } from './parts.js'
import { join, parent } from './paths.js'
const { fs } = window.__TAURI__

// Letters that follow within this many milliseconds belong to the same name.
const WORD = 1000

const list = byId('list')

export function up() {
  const above = parent(folder.path)
  if (above !== null) go(above)
}

// Goes into a folder; a file is shown beside the list.
export async function open(entry) {
  if (!entry) return
  const path = join(folder.path, entry.name)
  let { kind } = entry
  if (kind === 'link') {
    try {
      kind = (await fs.metadata(path)).kind
    } catch (reason) {
      return sayWrong(reason)
    }
  }
  if (kind === 'folder') go(path)
  else byId('preview').focus()
}

let word = '', last = 0
function jump(letter) {
  const now = performance.now()
  word = now - last > WORD ? letter : word + letter
  last = now
  const wanted = word.toLocaleLowerCase()
  const { shown } = folder
  // One letter again and again goes from name to name.
  const isSame = [...wanted].every(one => one === wanted[0])
  const from = Math.max(0, cursorIndex()) + (isSame ? 1 : 0)
  const prefix = isSame ? wanted[0] : wanted
  for (let step = 0; step < shown.length; step++) {
    const index = (from + step) % shown.length
    if (shown[index].name.toLocaleLowerCase().startsWith(prefix)) return choose(index)
  }
}

const steps = {
  ArrowDown: index => index + 1,
  ArrowUp: index => index < 0 ? 0 : index - 1,
  PageDown: index => index + page(),
  PageUp: index => index - page(),
  Home: () => 0,
  End: () => folder.shown.length - 1
}
const plain = {
  Enter: () => open(current()),
  Backspace: up,
  F2: renameChosen,
  Delete: removeChosen
}
const withControl = { a: chooseAll, c: copyChosen, x: moveChosen, v: pasteHere, N: makeFolder }

list.addEventListener('keydown', event => {
  if (event.target !== list || event.isComposing) return
  const { key, ctrlKey, metaKey, altKey, shiftKey } = event
  let deed
  const isLetter = [...key].length === 1 && !altKey && !ctrlKey && !metaKey && (key !== ' ' || word !== '')
  if (altKey) deed = { ArrowLeft: back, ArrowUp: up }[key]
  else if (ctrlKey || metaKey) deed = withControl[key]
  else if (steps[key]) deed = () => choose(steps[key](cursorIndex()), { range: shiftKey })
  else if (plain[key]) deed = plain[key]
  else if (isLetter) deed = () => jump(key)
  if (!deed) return
  // Any other key ends the name that is being typed.
  if (!isLetter) word = ''
  event.preventDefault()
  deed()
})

// From part to part, as F6 does on desktops.
document.addEventListener('keydown', event => {
  if (event.key !== 'F6') return
  event.preventDefault()
  const parts = ['#places [aria-current], #places button', '#list', '#preview', '#jobs button'].map(one => document.querySelector(one))
  const there = parts.filter(part => part && part.offsetParent !== null)
  const at = there.findIndex(part => part.contains(document.activeElement))
  there[(at + (event.shiftKey ? there.length - 1 : 1)) % there.length].focus()
})
byId('preview').addEventListener('keydown', event => { if (event.key === 'Escape') list.focus() })

const indexAt = event => {
  const row = event.target.closest('.row')
  return row ? Number(row.dataset.index) : null
}
list.addEventListener('mousedown', event => {
  const index = indexAt(event)
  if (index !== null && event.button === 0) choose(index, { range: event.shiftKey, more: event.ctrlKey || event.metaKey })
})
list.addEventListener('dblclick', event => {
  const index = indexAt(event)
  if (index !== null) open(folder.shown[index])
})
