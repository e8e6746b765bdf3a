// How a note is written into a file, and read from one. Knows nothing of dialogues.
const isMarkdown = path => /\.(md|markdown)$/i.test(path)

// A note as the file's name wants it: markdown, or plain text.
export function written(note, path) {
  const heading = isMarkdown(path) ? `# ${note.title}` : `${note.title}\n${'='.repeat(Math.min([...note.title].length, 72))}`
  return `${heading}\n\n${note.text.trimEnd()}\n`
}

export const allWritten = (notes, path) => notes.map(note => written(note, path)).join(isMarkdown(path) ? '\n---\n\n' : '\n\n')

// A note from a file: its heading, as `written` makes it, is the title; the file's name otherwise.
export function understood(text, path) {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n')
  const heading = plain.match(/^# +(.+)\n*/) || plain.match(/^(.+)\n={3,}\n+/)
  const name = path.split(/[/\\]/).pop().replace(/\.[^.]+$/, '')
  return { title: (heading ? heading[1].trim() : name) || name, text: heading ? plain.slice(heading[0].length).trimEnd() : plain.trimEnd() }
}

// A name for a file that every system takes.
export const fileName = title => (title.replace(/[\p{C}<>:"/\\|?*]+/gu, ' ').replace(/\s+/g, ' ').replace(/^\.+|[. ]+$/g, '').trim().slice(0, 60) || 'note') + '.md'
