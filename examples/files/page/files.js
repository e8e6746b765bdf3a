// The page: a file explorer over the plugins `fs`, `path` and `dialog`. Here its parts are put together.
import { back, canGoBack, folder, go, showHidden, sortBy, whenChanged } from './folder.js'
import { up } from './keys.js'
import { selection, whenChosen } from './list.js'
import { places } from './places.js'
import './preview.js'
import { bytes, byId, counted, drawn } from './parts.js'
import { nameOf, parent } from './paths.js'
import { begun, tell } from './report.js'

const heads = [...byId('heads').children]
function order() {
  for (const head of heads) {
    const isIt = head.dataset.sort === folder.sort.by
    head.setAttribute('aria-pressed', isIt)
    head.dataset.order = isIt ? folder.sort.down ? 'down' : 'up' : ''
  }
}
for (const head of heads) head.onclick = () => sortBy(head.dataset.sort)

function status() {
  const chosen = selection().filter(entry => entry.kind === 'file')
  const size = chosen.reduce((sum, entry) => sum + entry.size, 0)
  const parts = [counted(folder.shown.length, 'entry', 'entries')]
  if (selection().length > 1) parts.push(`${counted(selection().length, 'entry', 'entries')} chosen`)
  if (size) parts.push(bytes(size))
  if (folder.unwatched) parts.push(`changes on disk are not followed: ${folder.unwatched}`)
  byId('status').textContent = folder.error ? '' : parts.join(' · ')
}

byId('back').onclick = back
byId('up').onclick = up
byId('hidden').onchange = event => showHidden(event.target.checked)
whenChanged(() => {
  document.title = `${nameOf(folder.path)} – Files`
  byId('back').disabled = !canGoBack()
  byId('up').disabled = parent(folder.path) === null
  order()
  status()
})
whenChosen(status)

try {
  await go(await places())
  byId('list').focus()
  await drawn()
  await drawn()
  begun(!folder.error)
} catch (reason) {
  byId('empty').hidden = false
  byId('empty').classList.add('wrong')
  byId('empty').textContent = reason
  tell(String(reason))
  begun(false)
}
