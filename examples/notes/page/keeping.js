// Saves what is being written: one request at a time, and always the last state. Knows nothing of the screen.
const { promisified } = window.__TAURI__

// Follows one note while it is open. `id` is null for one that has not been kept yet. `hear` gets each note that was kept,
// `fail` the error when one was not; it is tried again with the next change.
export function keeper(id, hear, fail) {
  let wanted = null
  let underway = null

  async function work() {
    while (wanted) {
      const content = wanted
      wanted = null
      try {
        const message = id === null ? { cmd: 'noteAdd', ...content } : { cmd: 'noteUpdate', id, ...content }
        const note = await promisified(message)
        id = note.id
        hear(note)
      } catch (error) {
        // What was written meanwhile is newer.
        wanted ||= content
        fail(error)
        return
      }
    }
  }

  return {
    id: () => id,
    // Resolves when this, or what is newer, is kept or has failed.
    keep(content) {
      wanted = content
      underway ||= work().finally(() => { underway = null })
      return underway
    },
    // Whether there is something that could not be kept.
    failed: () => wanted !== null && underway === null,
    settled: () => underway || Promise.resolve()
  }
}
