// The page of the first window: joins list, editor, files and keyboard.
import * as editor from './editor.js'
import * as files from './files.js'
import * as list from './list.js'
import { byId } from './parts.js'
import { shown, told } from './report.js'
import * as undo from './undo.js'
import { written } from './written.js'

const { promisified, clipboard, store, window: appWindow } = window.__TAURI__
const [title, text, search] = ['title', 'text', 'search'].map(byId)

// Whether it is open now: one that cannot be kept is not left.
async function open(note) {
  const opened = await editor.show(note)
  if (opened) list.choose(note?.id ?? null)
  return opened
}

async function write() {
  if (await open(null)) title.focus()
}

async function leave() {
  if (!await editor.save()) return
  editor.clear()
  list.choose(null)
  search.focus()
}

// Does `work` with the open note, and shows at the note what went wrong.
const withNote = work => async () => {
  // What is not kept can still be copied and exported; why it is not is told already.
  await editor.save()
  try {
    await work(editor.current())
  } catch (error) {
    editor.fail(error)
    told(`failed: ${error}`, false)
  }
}

async function remove(note) {
  if (note.id !== null) await promisified({ cmd: 'noteRemove', id: note.id })
  editor.clear()
  list.choose(null)
  await list.refreshed()
  if (note.id === null) return search.focus()
  told(`deleted note ${note.id}`)
  promisified({ cmd: 'host/emit', event: 'notes/deleted', payload: note.id, pages: true }).catch(list.refreshed)
  undo.offer(`“${note.title}” was deleted.`, async () => {
    try {
      // As a new note with a new number: numbers are never used again.
      const again = await promisified({ cmd: 'noteAdd', title: note.title, text: note.text })
      await list.refreshed()
      if (await open(again)) text.focus()
      told(`took back note ${again.id}`)
    } catch (error) {
      files.say(error, true)
    }
  })
}

async function read(note) {
  if (note.id === null) throw 'There is nothing in this note yet.'
  const label = `note-${note.id}`
  const options = { url: `reader.html?id=${note.id}`, title: note.title, width: 620, height: 700 }
  try {
    await appWindow.create(label, options)
  } catch (error) {
    // It may be open already; otherwise the first error is the one to show.
    await appWindow.focus(label).catch(() => { throw error })
  }
}

// What the sidebar's buttons could not do stands below them.
const inSidebar = work => async () => {
  files.say('')
  await editor.save()
  try {
    await work()
  } catch (error) {
    files.say(error, true)
    told(`failed: ${error}`, false)
  }
}

async function bringIn() {
  const made = await files.importFiles()
  await list.endSearch()
  if (made.length) await open(made[0])
}

function escape() {
  if (search.value) list.endSearch()
  else leave()
}

const keys = { n: () => write(), f: () => search.select() }

addEventListener('keydown', event => {
  if (event.key === 'Escape') return escape()
  const work = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && keys[event.key.toLowerCase()]
  if (!work) return
  event.preventDefault()
  work()
})
byId('new').onclick = write
byId('back').onclick = leave
byId('read').onclick = withNote(read)
byId('delete').onclick = withNote(remove)
byId('export').onclick = withNote(async note => {
  const path = await files.exportNote(note)
  if (path !== null) editor.say(`Exported to ${path}`)
})
byId('copy').onclick = withNote(async note => {
  await clipboard.writeText(written(note, 'note.md'))
  editor.say('Copied')
  told(`copied note ${note.id}`)
})
byId('import').onclick = inSidebar(bringIn)
byId('export-all').onclick = inSidebar(files.exportAll)

list.whenChosen(async note => {
  if (!await open(note)) return
  text.focus()
  told(`opened note ${note.id}`)
})
editor.whenKept(note => {
  list.choose(note.id)
  list.refreshed()
})
list.begin()
editor.begin()

// The first start leaves a note that says what this is.
async function welcome() {
  if (await store.get('notes/welcomed')) return
  const text = 'What you write here is kept as you type, by the plugin “store”.\n\n' +
    'Ctrl+N writes a new note, Ctrl+F searches, Escape goes back to the list.\n\n' +
    '“Read” shows a note in a window of its own, which follows what you change. “Export” saves it where you say: the page may use that file, and no other.'
  await promisified({ cmd: 'noteAdd', title: 'Welcome', text })
  await store.set('notes/welcomed', true)
}

async function start() {
  try {
    await welcome()
    await list.refresh()
    if (list.notes().length && innerWidth > 680) await open(list.notes()[0])
    await shown(true, `notes: ${list.notes().length}`)
  } catch (error) {
    byId('list-wrong').textContent = error
    await shown(false, `notes: ${error}`)
  }
}
start()
