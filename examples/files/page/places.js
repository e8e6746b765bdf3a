// The places at the side, and the way to where one is.
import { folder, go, whenChanged } from './folder.js'
import { sayWrong } from './notice.js'
import { byId, element, icon } from './parts.js'
import { nameOf, way } from './paths.js'
import { tell } from './report.js'
const { dialog, path } = window.__TAURI__

const known = [
  ['home', 'Home', 'home'], ['desktop', 'Desktop', 'desktop'], ['document', 'Documents', 'text'], ['download', 'Downloads', 'download'],
  ['picture', 'Pictures', 'image'], ['audio', 'Music', 'sound'], ['video', 'Videos', 'film'], ['app', 'This application', 'application']
]
// Who chooses nothing rejects, as in Tauri 0.x.
const CANCELLED = 'user cancelled the dialog'
const list = byId('places-list'), crumbs = byId('crumbs')
const buttons = new Map()

function place(at, name, picture) {
  if (buttons.has(at)) return
  const button = element('button', undefined, icon(picture), element('span', name))
  button.title = at
  button.onclick = () => go(at)
  buttons.set(at, button)
  list.append(element('li', undefined, button))
}

// Resolves with the folder to begin with.
export async function places() {
  const directories = await path.directories()
  for (const [key, name, picture] of known) {
    if (directories[key]) place(directories[key], name, picture)
  }
  const root = way(directories.home)[0]
  place(root, 'Computer', 'disk')
  return directories.home
}

// What the user chooses there may be read from then on: the dialogue tells the plugin `fs`.
byId('places-open').onclick = async () => {
  try {
    const chosen = await dialog.open({ directory: true, title: 'Open a folder' })
    place(chosen, nameOf(chosen), 'folder')
    tell(`place ${chosen}`)
    go(chosen)
  } catch (reason) {
    if (reason !== CANCELLED) sayWrong(reason)
  }
}

let shown = null
whenChanged(() => {
  if (folder.path === shown) return
  shown = folder.path
  for (const [at, button] of buttons) at === shown ? button.setAttribute('aria-current', 'location') : button.removeAttribute('aria-current')
  crumbs.replaceChildren(...way(shown).map((at, index) => {
    const button = element('button', index ? nameOf(at) : at)
    button.title = at
    if (at === shown) button.setAttribute('aria-current', 'location')
    button.onclick = () => go(at)
    return element('li', undefined, button)
  }))
})
