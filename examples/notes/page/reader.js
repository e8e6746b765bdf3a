// A window that shows one note, and follows what becomes of it. It changes nothing, and may not.
import { byId, inFull } from './parts.js'

const { promisified, event, invoke, window: appWindow } = window.__TAURI__
const id = Number(new URLSearchParams(location.search).get('id'))
// Told, and not waited for: what is shown is what matters.
const told = line => invoke({ cmd: 'host/report', ok: true, lines: [`reader of note ${id}: ${line}`] })

function draw(note) {
  byId('title').textContent = note.title
  byId('when').textContent = inFull.format(note.changed)
  byId('text').textContent = note.text
  byId('wrong').textContent = ''
  appWindow.setTitle(note.title)
  told(`shows ${note.title}: ${note.text}`)
}

function gone() {
  byId('wrong').textContent = 'This note was deleted.'
  told('it was deleted')
}

// Listened to before it is read, so that no change is missed; a change that came meanwhile is newer than the answer.
let newest = 0
event.listen('notes/changed', ({ payload }) => {
  if (payload.id !== id) return
  newest = payload.changed
  draw(payload)
})
event.listen('notes/deleted', ({ payload }) => { if (payload === id) gone() })
addEventListener('keydown', event => { if (event.key === 'Escape') appWindow.close() })

promisified({ cmd: 'noteGet', id }).then(note => {
  if (!note) gone()
  else if (note.changed >= newest) draw(note)
}, error => { byId('wrong').textContent = error })
