// What the chosen file is and how it looks: a picture, the beginning of a text, or its first bytes. Large files are never read whole.
import { folder } from './folder.js'
import { selection, whenChosen } from './list.js'
import { bytes, byId, counted, element, icon, time } from './parts.js'
import { join, look, typeOfImage } from './paths.js'
import { tell } from './report.js'
const { fs } = window.__TAURI__

const LONGEST_TEXT = 64 * 1024
const LARGEST_IMAGE = 32 * 1024 * 1024
const BYTES_SHOWN = 256
// Whoever holds an arrow key down wants no preview of all that is on the way.
const PAUSE = 90

const preview = byId('preview')
let under = new AbortController(), address = null, shown = null

function facts(pairs) {
  return element('dl', undefined, ...pairs.filter(([, value]) => value).flatMap(([name, value]) => [element('dt', name), element('dd', value)]))
}

function note(text, kind = 'note') {
  const made = element('p', text)
  made.className = kind
  return made
}

function show(...parts) {
  preview.replaceChildren(...parts)
  preview.scrollTop = 0
  if (address) URL.revokeObjectURL(address)
  address = null
}

function dump(buffer) {
  const lines = []
  const all = new Uint8Array(buffer)
  for (let at = 0; at < all.length; at += 8) {
    const some = [...all.subarray(at, at + 8)]
    const digits = some.map(byte => byte.toString(16).padStart(2, '0')).join(' ').padEnd(24)
    lines.push(digits + some.map(byte => byte > 31 && byte < 127 ? String.fromCharCode(byte) : '·').join(''))
  }
  return lines.join('\n')
}

// Null where it is none: text has no zero bytes, and is UTF-8, of which the limit may have cut the last character.
function text(buffer) {
  if (new Uint8Array(buffer).includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(buffer, { stream: true })
  } catch {
    return null
  }
}

async function picture(path, entry, signal) {
  if (entry.size > LARGEST_IMAGE) return [note(`Pictures of more than ${bytes(LARGEST_IMAGE)} are not shown.`)]
  const buffer = await fs.readFile(path, {}, { signal })
  const image = element('img')
  image.alt = entry.name
  const made = URL.createObjectURL(new Blob([buffer], { type: typeOfImage(entry.name) }))
  image.src = made
  try {
    await image.decode()
  } catch {
    URL.revokeObjectURL(made)
    return [note('This is no picture that can be shown.', 'wrong')]
  }
  return { parts: [image], made, said: `picture of ${image.naturalWidth} by ${image.naturalHeight}` }
}

async function head(path, entry, signal) {
  const buffer = await fs.readFile(path, { length: LONGEST_TEXT }, { signal })
  if (!buffer.byteLength) return [note('It is empty.')]
  const words = text(buffer)
  const pre = element('pre', words === null ? dump(buffer.slice(0, BYTES_SHOWN)) : words)
  const length = words === null ? Math.min(BYTES_SHOWN, buffer.byteLength) : buffer.byteLength
  const parts = length < entry.size ? [note(`The first ${bytes(length)} of ${bytes(entry.size)}:`), pre] : [pre]
  return { parts, said: words === null ? `${length} bytes` : `${length} bytes of text` }
}

async function one(entry, signal) {
  const path = join(folder.path, entry.name)
  const { icon: name, word } = look(entry)
  const heading = element('h2', entry.name)
  const about = { ...entry }
  try {
    const known = await fs.metadata(path, {}, { signal })
    if (entry.kind === 'link') Object.assign(about, { kind: known.kind, size: known.size, modified: known.modified })
    const list = facts([
      ['Kind', entry.kind === 'link' ? `Link to a ${known.kind}` : word], ['Size', known.kind === 'file' && bytes(known.size)],
      ['Changed', time(known.modified)], ['Made', time(known.created)], ['Writing', known.readOnly && 'not allowed by its mode']
    ])
    const seen = about.kind !== 'file' ? [] : await (name === 'image' ? picture : head)(path, about, signal)
    if (signal.aborted) {
      if (seen.made) URL.revokeObjectURL(seen.made)
      return
    }
    const parts = seen.parts || seen
    show(...parts.some(part => part.tagName === 'IMG') ? [...parts, heading, list] : [icon(name, 'large'), heading, list, ...parts])
    address = seen.made || null
    tell(`preview ${entry.name}: ${seen.said || about.kind}`)
  } catch (reason) {
    if (signal.aborted) return
    show(icon(name, 'large'), heading, note(reason, 'wrong'))
    tell(`preview ${entry.name}: ${reason}`)
  }
}

function follow() {
  const chosen = selection()
  // The same entry as before is not read again for each change in the folder.
  const key = JSON.stringify([folder.path, chosen.slice(0, 2), chosen.length])
  if (key === shown) return
  shown = key
  under.abort()
  under = new AbortController()
  const { signal } = under
  if (chosen.length === 1) return setTimeout(() => signal.aborted || one(chosen[0], signal), PAUSE)
  if (!chosen.length) return show()
  const size = chosen.reduce((sum, entry) => sum + (entry.kind === 'file' ? entry.size : 0), 0)
  show(icon('file', 'large'), element('h2', counted(chosen.length, 'entry', 'entries')), facts([['Files', size > 0 && bytes(size)]]))
}
whenChosen(follow)
