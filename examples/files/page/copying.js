// Copies and moves files and whole folders, and takes away what it has made when that fails or is cancelled.
import { join } from './paths.js'
const { fs } = window.__TAURI__

const DEEPEST = 50
const MOST = 100000

// Everything in a folder, folders before what is in them. Links are not followed, and left out.
async function contents(source, target, signal) {
  const folders = [[source, target]], files = []
  let total = 0, left = 0
  for (let at = 0; at < folders.length; at++) {
    const [from, to, depth = 0] = folders[at]
    for (const { name, kind, size } of await fs.list(from, {}, { signal })) {
      if (kind === 'folder') {
        if (depth === DEEPEST) throw `${join(from, name)} is more than ${DEEPEST} folders deep`
        folders.push([join(from, name), join(to, name), depth + 1])
      } else if (kind === 'file') {
        files.push([join(from, name), join(to, name), size])
        total += size
      } else {
        left++
      }
      if (folders.length + files.length > MOST) throw `${source} holds more than ${MOST} files and folders`
    }
  }
  return { folders, files, total, left }
}

async function copyFolder(source, target, { signal, onProgress }) {
  const { folders, files, total, left } = await contents(source, target, signal)
  try {
    for (const [, to] of folders) {
      signal.throwIfAborted()
      await fs.createDir(to)
    }
    let before = 0
    onProgress({ done: 0, total })
    for (const [from, to, size] of files) {
      await fs.copyFile(from, to, {}, { signal, onProgress: ({ done }) => onProgress({ done: before + done, total: Math.max(total, before + done) }) })
      before += size
    }
  } catch (reason) {
    // All that is there was made here: the name was free. What cannot be removed is told by the next listing.
    if (await fs.exists(target).catch(() => false)) await fs.removeDir(target, { recursive: true }).catch(() => {})
    throw reason
  }
  return left
}

// Resolves with how many links and devices were left out.
export async function copy(kind, source, target, follow) {
  if (kind === 'folder') return copyFolder(source, target, follow)
  await fs.copyFile(source, target, {}, follow)
  return 0
}

export async function move(kind, source, target, follow) {
  try {
    await fs.renameFile(source, target)
    return 0
  } catch (reason) {
    if (!String(reason).includes('is on another disk')) throw reason
  }
  const left = await copy(kind, source, target, follow)
  // What would be lost with it keeps it where it is.
  if (left) throw `it was copied, and ${source} is still there, as links in it cannot be copied`
  if (kind === 'folder') await fs.removeDir(source, { recursive: true })
  else await fs.removeFile(source)
  return 0
}
