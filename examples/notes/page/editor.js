// The editor: one note at a time, kept as it is written. Tells the windows that show the note.
import { byId, later } from './parts.js'
import { keeper } from './keeping.js'
import { told } from './report.js'

const { promisified } = window.__TAURI__
const UNTITLED = 'Untitled'
const [form, nothing, title, text, state, wrong] = ['editor', 'nothing', 'title', 'text', 'state', 'editor-wrong'].map(byId)
let open = null
let onKept = () => {}

const content = () => ({ title: title.value.trim() || text.value.trim().split('\n')[0].slice(0, 80) || UNTITLED, text: text.value })
const soon = later(300, () => open?.keep(content()))

// What the note is now; null where none is open. `id` is null for one that has never been kept.
export const current = () => open && { id: open.id(), ...content() }

// Keeps what has been written. Resolves with whether all of it is kept.
export async function save() {
  if (!open) return true
  if (open.failed()) await open.keep(content())
  await soon.now()
  await open.settled()
  return !open?.failed()
}

// Opens a note, or a new one for null; what was open is kept before. Where that fails it stays, as its text would be lost.
export async function show(note) {
  if (!await save()) return false
  const mine = keeper(note?.id ?? null, kept => {
    if (open !== mine) return
    wrong.textContent = ''
    state.textContent = 'Saved'
    told(`saved note ${kept.id}`)
    // The windows that show it. Nobody waits for it, and without one it is no matter.
    promisified({ cmd: 'host/emit', event: 'notes/changed', payload: kept, pages: true }).catch(error => { wrong.textContent = error })
    onKept(kept)
  }, error => {
    if (open !== mine) return
    state.textContent = 'Not saved'
    wrong.textContent = error
    told(`not saved: ${error}`, false)
  })
  open = mine
  title.value = note?.title ?? ''
  text.value = note?.text ?? ''
  text.scrollTop = 0
  state.textContent = note ? '' : 'New'
  wrong.textContent = ''
  nothing.hidden = true
  form.hidden = false
  document.body.classList.add('editing')
  return true
}

// Shows none. The note is gone, or was kept before.
export function clear() {
  open = null
  form.hidden = true
  nothing.hidden = false
  document.body.classList.remove('editing')
}

export const fail = error => { wrong.textContent = error }
export const say = sentence => { state.textContent = sentence }
export const whenKept = listener => { onKept = listener }

export function begin() {
  const typed = () => {
    if (open) state.textContent = 'Saving …'
    soon()
  }
  title.oninput = text.oninput = typed
  title.onkeydown = event => {
    if (event.key === 'Enter' || event.key === 'ArrowDown') {
      event.preventDefault()
      text.focus()
      text.setSelectionRange(0, 0)
    }
  }
  form.onsubmit = event => event.preventDefault()
  // When the window is left, nothing waits for the pause in typing any more.
  for (const left of ['blur', 'pagehide', 'visibilitychange']) addEventListener(left, save)
}
