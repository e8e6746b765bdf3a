// Notes: written, changed, searched and removed, kept by the plugin `store`.
import { ask, byId, element } from './parts.js'

const [form, title, text, search, cancel] = ['form', 'title', 'text', 'search', 'cancel'].map(name => byId(`notes-${name}`))
const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
let editing = null
let asked = 0

function draw(note) {
  const edit = element('button', 'Edit'), remove = element('button', 'Remove')
  edit.onclick = () => {
    editing = note.id
    title.value = note.title
    text.value = note.text
    cancel.hidden = false
    title.focus()
  }
  remove.onclick = () => change({ cmd: 'noteRemove', id: note.id })
  const parts = [element('h3', note.title)]
  if (note.text) parts.push(element('p', note.text))
  return element('li', undefined, ...parts, element('small', undefined,
    element('span', time.format(note.changed)), element('span', undefined, edit, remove)))
}

export async function notes() {
  const number = ++asked
  const found = await ask('notes', { cmd: 'notes', search: search.value })
  // An answer that came after a later question's is old.
  if (number !== asked) return
  byId('notes-total').textContent = found.total
  const none = search.value ? 'No note has this in it.' : 'No notes yet.'
  byId('notes-list').replaceChildren(...found.notes.length ? found.notes.map(draw) : [element('li', none)])
}

async function change(message) {
  try {
    await ask('notes', message)
    await notes()
    return true
  } catch {
    // The section tells it, and the form keeps what was typed.
    return false
  }
}

// The first start leaves a note that says what this is.
export async function welcome() {
  if (await ask('notes', { cmd: 'storeGet', key: 'desk/welcomed' })) return
  const text = 'Everything here is done by two libraries in the plugin folder: "system" measures, "store" keeps these notes. Add a library, and its commands are there for the page.'
  await ask('notes', { cmd: 'noteAdd', title: 'Welcome to the desk', text })
  await ask('notes', { cmd: 'storeSet', key: 'desk/welcomed', value: true })
}

form.onsubmit = async event => {
  event.preventDefault()
  const content = { title: title.value, text: text.value }
  const message = editing === null ? { cmd: 'noteAdd', ...content } : { cmd: 'noteUpdate', id: editing, ...content }
  if (await change(message)) form.reset()
}
form.onreset = () => {
  editing = null
  cancel.hidden = true
}
// The section tells it.
search.oninput = () => notes().catch(() => {})
