// Made by plugin-host types: the types of these plugins' commands: store.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /** The value kept under `key`; null if there is none. */
    "storeGet": {
      arguments: { key: string }
      result: unknown
      values: never
    }
    "store/storeGet": PluginHostCommands["storeGet"]
    /** Keeps any JSON value under `key`, in place of the one before. */
    "storeSet": {
      arguments: { key: string; value: unknown /* Box<RawValue> */ }
      result: null
      values: never
    }
    "store/storeSet": PluginHostCommands["storeSet"]
    /** Forgets the value under `key`; tells whether there was one. */
    "storeRemove": {
      arguments: { key: string }
      result: boolean
      values: never
    }
    "store/storeRemove": PluginHostCommands["storeRemove"]
    /** The keys in order, all or those that begin with `prefix`. */
    "storeKeys": {
      arguments: { prefix?: string | null }
      result: string[]
      values: never
    }
    "store/storeKeys": PluginHostCommands["storeKeys"]
    /** Writes a note, and returns it with its id. */
    "noteAdd": {
      arguments: { title: string; text?: string | null }
      result: Note
      values: never
    }
    "store/noteAdd": PluginHostCommands["noteAdd"]
    /** The note of this number; null if there is none. */
    "noteGet": {
      arguments: { id: number }
      result: Note | null
      values: never
    }
    "store/noteGet": PluginHostCommands["noteGet"]
    /** Changes what is given of a note, and returns it. */
    "noteUpdate": {
      arguments: { id: number; title?: string | null; text?: string | null }
      result: Note
      values: never
    }
    "store/noteUpdate": PluginHostCommands["noteUpdate"]
    /** Removes a note; tells whether there was one. */
    "noteRemove": {
      arguments: { id: number }
      result: boolean
      values: never
    }
    "store/noteRemove": PluginHostCommands["noteRemove"]
    /** The notes, the last changed first: all, or those with `search` in title or text; 100 of them unless `limit` says otherwise. */
    "notes": {
      arguments: { search?: string | null; limit?: number | null }
      result: Notes
      values: never
    }
    "store/notes": PluginHostCommands["notes"]
  }
}

/** A note. */
export type Note = {
  /** When it was last changed, likewise. */
  changed: number
  /** When it was written: milliseconds since 1970, as JavaScript's `Date` counts. */
  created: number
  /** Its number, never used again. */
  id: number
  /** Its text; may be empty. */
  text: string
  /** Its title. */
  title: string
}

/** Some of the notes, and how many there are. */
export type Notes = {
  /** The first ones, the last changed first. */
  notes: Note[]
  /** All that were looked for. */
  total: number
}
