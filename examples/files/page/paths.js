// Paths by their words, and what a name says of a file.
const { sep } = window.__TAURI__.path

export const join = (folder, name) => folder.endsWith(sep) ? folder + name : folder + sep + name

// The folder around it, or null for the first of all.
export function parent(path) {
  const at = path.lastIndexOf(sep)
  if (at < 0 || at === path.length - 1) return null
  const above = path.slice(0, at)
  return above === '' || above.endsWith(':') ? above + sep : above
}

export const nameOf = path => path.slice(path.lastIndexOf(sep) + 1) || path

// The paths of all folders on the way to this one, and itself.
export function way(path) {
  const all = []
  for (let at = path; at !== null; at = parent(at)) all.unshift(at)
  return all
}

export const isWithin = (path, folder) => path === folder || path.startsWith(join(folder, ''))

export function ending(name) {
  const at = name.lastIndexOf('.')
  return at > 0 ? name.slice(at + 1).toLowerCase() : ''
}

// `report (copy 2).txt` for the second copy of `report.txt`.
export function nameOfCopy(name, number) {
  const at = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length
  return `${name.slice(0, at)} (copy${number > 1 ? ' ' + number : ''})${name.slice(at)}`
}

const kinds = {
  image: ['Picture', 'png jpg jpeg gif webp svg bmp ico avif'],
  text: ['Text', 'txt md rs js mjs ts css html xml json toml yaml yml csv log sh py c h cpp java go ini conf lock'],
  sound: ['Sound', 'mp3 ogg oga flac wav m4a opus'],
  film: ['Film', 'mp4 mkv webm mov avi'],
  archive: ['Archive', 'zip tar gz xz zst bz2 7z deb rpm']
}
const byEnding = new Map()
for (const [icon, [word, endings]] of Object.entries(kinds)) {
  for (const one of endings.split(' ')) byEnding.set(one, { icon, word })
}

// What to call it, and which picture it has.
export function look({ kind, name }) {
  if (kind === 'folder') return { icon: 'folder', word: 'Folder' }
  if (kind === 'link') return { icon: 'link', word: 'Link' }
  if (kind === 'other') return { icon: 'file', word: 'Device' }
  const known = byEnding.get(ending(name))
  return known || { icon: 'file', word: ending(name) ? ending(name).toUpperCase() : 'File' }
}

const types = { svg: 'image/svg+xml', jpg: 'image/jpeg', ico: 'image/x-icon' }
export const typeOfImage = name => types[ending(name)] || 'image/' + ending(name)
