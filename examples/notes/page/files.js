// Notes to files and back. The page names no file itself: the user does, in the system's dialogue, and only that one may be used.
import { byId, several } from './parts.js'
import { told } from './report.js'
import { allWritten, fileName, understood, written } from './written.js'

const { promisified, dialog, fs } = window.__TAURI__
const said = byId('files-said')
const filters = [{ name: 'Markdown', extensions: ['md', 'markdown'] }, { name: 'Text', extensions: ['txt'] }]
const ALL = 1000

// A dialogue that the user closes rejects with this, as in Tauri 0.x; here that is no mistake.
const nothing = reason => {
  if (reason === 'user cancelled the dialog') return null
  throw reason
}

export function say(sentence, isWrong = false) {
  said.textContent = sentence
  said.classList.toggle('wrong', isWrong)
}

// Writes a note where the user wants it; resolves with the path, or null when there is none.
export async function exportNote(note) {
  const path = await dialog.save({ title: 'Export note', defaultPath: fileName(note.title), filters }).catch(nothing)
  if (path === null) return null
  // In one step: nobody finds half of it.
  await fs.writeFile({ path, contents: written(note, path) }, { atomic: true })
  told(`exported to ${path}`)
  return path
}

export async function exportAll() {
  const { total, notes } = await promisified({ cmd: 'notes', limit: ALL })
  if (!total) return say('There is nothing to export.')
  const path = await dialog.save({ title: 'Export all notes', defaultPath: 'notes.md', filters }).catch(nothing)
  if (path === null) return
  await fs.writeFile({ path, contents: allWritten(notes, path) }, { atomic: true })
  const left = total - notes.length
  say(`${several(notes.length, 'note', 'notes')} exported to ${path}` + (left ? `; the ${left} oldest are not among them` : ''))
  told(`exported all to ${path}`)
}

// Makes notes of files. Resolves with those that were made; what could not be read is said, and does not stop the others.
export async function importFiles() {
  const all = { name: 'Text and markdown', extensions: ['md', 'markdown', 'txt'] }
  const paths = await dialog.open({ title: 'Import notes', multiple: true, filters: [all] }).catch(nothing)
  const made = [], wrong = []
  for (const path of paths || []) {
    try {
      made.push(await promisified({ cmd: 'noteAdd', ...understood(await fs.readTextFile(path), path) }))
    } catch (error) {
      wrong.push(`${path}: ${error}`)
    }
  }
  if (wrong.length) say(wrong.join('\n'), true)
  else if (made.length) say(`${several(made.length, 'note', 'notes')} imported`)
  for (const note of made) told(`imported note ${note.id}`)
  return made
}
