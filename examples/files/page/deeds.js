// What is done to files: new folders, other names, copies, moves, and deleting after a question.
import { copy, move } from './copying.js'
import { folder, refresh, whenChanged } from './folder.js'
import { begin } from './jobs.js'
import { current, cursorIndex, reveal, selection, topOf, whenChosen } from './list.js'
import { sayNothing, sayWrong } from './notice.js'
import { byId, counted, element } from './parts.js'
import { isWithin, join, nameOf, nameOfCopy } from './paths.js'
import { tell } from './report.js'
const { dialog, fs } = window.__TAURI__

const list = byId('list')
// What was taken to be put elsewhere: `{ moves, entries: [{ kind, name, path }] }`.
let taken = null

// Does it, and says below the list why not.
async function tried(work) {
  sayNothing()
  try {
    return await work()
  } catch (reason) {
    sayWrong(reason)
  }
}

async function isFree(path) {
  return !(await fs.exists(path))
}

export const makeFolder = () => tried(async () => {
  const { path } = folder
  let name = 'New folder'
  for (let number = 2; !(await isFree(join(path, name))); number++) name = `New folder ${number}`
  await fs.createDir(join(path, name))
  tell(`made ${name}`)
  if (path !== folder.path) return
  await refresh(name)
  renameChosen()
})

let form = null
function closeForm() {
  if (!form) return
  const closed = form
  form = null
  closed.remove()
  list.focus()
}

// A name is changed where it stands.
export function renameChosen() {
  const entry = current()
  if (!entry) return
  closeForm()
  const index = cursorIndex()
  reveal(index)
  const input = element('input'), wrong = element('p'), { path } = folder
  const mine = form = element('form', undefined, input, wrong)
  form.id = 'rename-form'
  form.style.transform = `translateY(${topOf(index) + 1}px)`
  input.value = entry.name
  input.setAttribute('aria-label', `New name of ${entry.name}`)
  input.spellcheck = false
  wrong.hidden = true
  byId('rows').append(form)
  input.focus()
  const at = entry.kind === 'folder' ? -1 : entry.name.lastIndexOf('.')
  input.setSelectionRange(0, at > 0 ? at : entry.name.length)
  tell(`naming ${entry.name}`)
  const refuse = reason => {
    wrong.textContent = reason
    wrong.hidden = false
    tell(`rename: ${reason}`)
  }
  form.onsubmit = async event => {
    event.preventDefault()
    const name = input.value.trim()
    if (name === entry.name) return closeForm()
    if (!name || name === '.' || name === '..' || /[/\\]/.test(name)) return refuse('A name has letters in it, and no / or \\.')
    try {
      if (!(await isFree(join(path, name)))) return refuse(`There is already a ${name}.`)
      await fs.renameFile(join(path, entry.name), join(path, name))
      tell(`renamed ${entry.name} to ${name}`)
    } catch (reason) {
      return refuse(reason)
    }
    if (form === mine) closeForm()
    if (path === folder.path) refresh(name)
  }
  input.onkeydown = event => {
    event.stopPropagation()
    if (event.key === 'Escape') closeForm()
  }
  input.onblur = () => { if (form === mine && wrong.hidden && document.hasFocus()) closeForm() }
}

export const removeChosen = () => tried(async () => {
  const entries = selection(), { path } = folder
  if (!entries.length) return
  const what = entries.length === 1 ? `“${entries[0].name}”` : counted(entries.length, 'entry', 'entries')
  const all = entries.some(entry => entry.kind === 'folder') ? ', with all that is in it' : ''
  if (!(await dialog.ask(`Delete ${what}${all}? This cannot be undone.`, 'Delete'))) return tell('not deleted')
  for (const { name, kind } of entries) {
    if (kind === 'folder') await fs.removeDir(join(path, name), { recursive: true })
    else await fs.removeFile(join(path, name))
    tell(`deleted ${name}`)
  }
})

function take(moves) {
  const entries = selection().map(({ kind, name }) => ({ kind, name, path: join(folder.path, name) }))
  if (!entries.length) return
  taken = { moves, entries }
  sayNothing()
  offer()
  tell(`taken ${entries.length}`)
}
export const copyChosen = () => take(false)
export const moveChosen = () => take(true)

function offer() {
  const button = byId('paste')
  button.hidden = !taken
  if (!taken) return
  const { moves, entries } = taken
  button.textContent = `${moves ? 'Move' : 'Copy'} ${entries.length === 1 ? '1' : entries.length} here`
  button.title = entries.slice(0, 10).map(entry => entry.name).join('\n')
}

// Names that copies under way will have are not free either.
const promised = new Set()

async function targetOf({ name, path }, into) {
  if (isWithin(into, path) && into !== path) throw `${name} cannot be put into a folder within itself`
  let target = join(into, name)
  for (let number = 1; promised.has(target) || !(await isFree(target)); number++) target = join(into, nameOfCopy(name, number))
  return target
}

export const pasteHere = () => tried(async () => {
  if (!taken) return
  const { moves, entries } = taken, into = folder.path
  if (moves) {
    taken = null
    offer()
  }
  for (const entry of entries) {
    if (entry.kind === 'link' || entry.kind === 'other') throw `${entry.name} is a link or a device, which is not copied`
    if (into === entry.path) throw `${entry.name} cannot be put into itself`
    if (moves && join(into, entry.name) === entry.path) continue
    const target = await targetOf(entry, into)
    promised.add(target)
    const work = follow => (moves ? move : copy)(entry.kind, entry.path, target, follow)
    const as = nameOf(target) === entry.name ? '' : ` as ${nameOf(target)}`
    begin(`${moves ? 'Move' : 'Copy'} ${entry.name}${as}`, work).then(() => promised.delete(target))
  }
})

for (const [id, deed] of Object.entries({
  make: makeFolder, copy: copyChosen, move: moveChosen, paste: pasteHere, rename: renameChosen, remove: removeChosen
})) {
  byId(id).onclick = () => {
    list.focus()
    deed()
  }
}
whenChosen(() => {
  const { length } = selection()
  for (const id of ['copy', 'move', 'remove']) byId(id).disabled = !length
  byId('rename').disabled = length !== 1
})
whenChanged(how => {
  if (how.select !== undefined && form) closeForm()
  if (how.select !== undefined) sayNothing()
})
