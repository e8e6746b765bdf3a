// Made by plugin-host types: the types of these plugins' commands: fs.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /** The text in a file, which is in UTF-8 and at most 64 MB long. */
    "readTextFile": {
      arguments: { path: string; options?: FileOptions | null }
      result: string
      values: never
    }
    "fs/readTextFile": PluginHostCommands["readTextFile"]
    /**
     * The bytes in a file as a list of numbers, as Tauri 0.x gives them; at most 16 MB.
     *
     * `readFile` gives an `ArrayBuffer`, which is a quarter as long on its way.
     */
    "readBinaryFile": {
      arguments: { path: string; options?: FileOptions | null }
      result: number[]
      values: never
    }
    "fs/readBinaryFile": PluginHostCommands["readBinaryFile"]
    /**
     * The bytes in a file, at most 64 MB: `length` of them from `offset` on, or to the end.
     *
     * What begins behind the end is empty. Larger files are for `readStream`.
     */
    "readFile": {
      arguments: {
        path: string
        options?: FileOptions | null
        offset?: number | null
        length?: number | null
      }
      result: ArrayBuffer
      values: never
    }
    "fs/readFile": PluginHostCommands["readFile"]
    /**
     * Writes a text as the content of a file, which is made where there is none.
     *
     * With `append` it comes behind what is there; with `atomic` the file is replaced in one step.
     */
    "writeFile": {
      arguments: { path: string; contents: string; options?: WriteOptions | null }
      result: null
      values: never
    }
    "fs/writeFile": PluginHostCommands["writeFile"]
    /**
     * Writes bytes as the content of a file: as they are, or from text in base64.
     *
     * Otherwise as `writeFile`.
     */
    "writeBinaryFile": {
      arguments: {
        path: string
        contents: ArrayBuffer | ArrayBufferView | number[]
        options?: WriteOptions | null
      }
      result: null
      values: never
    }
    "fs/writeBinaryFile": PluginHostCommands["writeBinaryFile"]
    /**
     * What is in a folder, by name, as Tauri 0.x tells it.
     *
     * Folders have `children`, which are listed with `recursive`; others have null. Links to folders are not followed. At most 100,000
     * entries in all, and 50 folders deep.
     */
    "readDir": {
      arguments: { path: string; options?: FolderOptions | null }
      result: FileEntry2[]
      values: never
    }
    "fs/readDir": PluginHostCommands["readDir"]
    /** What is in a folder, by name, with kind, size in bytes and time; at most 100,000 entries. */
    "list": {
      arguments: { path: string; options?: FileOptions | null }
      result: Entry[]
      values: never
    }
    "fs/list": PluginHostCommands["list"]
    /** What a file or folder is: kind, size in bytes, times. A link is followed. */
    "metadata": {
      arguments: { path: string; options?: FileOptions | null }
      result: Known
      values: never
    }
    "fs/metadata": PluginHostCommands["metadata"]
    /** Whether there is a file or folder. A link that leads nowhere is none. */
    "exists": {
      arguments: { path: string; options?: FileOptions | null }
      result: boolean
      values: never
    }
    "fs/exists": PluginHostCommands["exists"]
    /** Makes a folder; with `recursive` those around it as well, and it may be there already. */
    "createDir": {
      arguments: { path: string; options?: FolderOptions | null }
      result: null
      values: never
    }
    "fs/createDir": PluginHostCommands["createDir"]
    /**
     * Removes an empty folder; with `recursive` all that is in it as well.
     *
     * Links in it are removed, and not what they lead to. Cancelled, it has removed a part.
     */
    "removeDir": {
      arguments: { path: string; options?: FolderOptions | null }
      result: null
      values: never
    }
    "fs/removeDir": PluginHostCommands["removeDir"]
    /** Removes a file, or a link and not what it leads to. */
    "removeFile": {
      arguments: { path: string; options?: FileOptions | null }
      result: null
      values: never
    }
    "fs/removeFile": PluginHostCommands["removeFile"]
    /**
     * Gives a file, folder or link another name, also in another folder of the same disk.
     *
     * A file that has the name is replaced.
     */
    "renameFile": {
      arguments: { oldPath: string; newPath: string; options?: FileOptions | null }
      result: null
      values: never
    }
    "fs/renameFile": PluginHostCommands["renameFile"]
    /**
     * Copies a file with its mode, in place of one that is there.
     *
     * It is there whole, or not at all where the copy is cancelled or fails. Progress is in bytes.
     */
    "copyFile": {
      arguments: { source: string; destination: string; options?: FileOptions | null }
      result: null
      values: never
      progress: Share
    }
    "fs/copyFile": PluginHostCommands["copyFile"]
    /**
     * Sends a file, or `length` bytes from `offset` on, in pieces of 256 KB at most, and returns how many bytes there were.
     *
     * Progress is in bytes. The page sets the pace.
     */
    "readStream": {
      arguments: {
        path: string
        options?: FileOptions | null
        offset?: number | null
        length?: number | null
      }
      result: number
      values: ArrayBuffer
      progress: Share
    }
    "fs/readStream": PluginHostCommands["readStream"]
    /**
     * Opens a file to be written in pieces, by `writeChunk`, until `closeWriting`.
     *
     * With `atomic` nothing of it is seen before that. At most 64 are open at a time; those that nobody has closed are given up when the
     * plugin stops, or after ten minutes where there is no room.
     */
    "openForWriting": {
      arguments: { path: string; options?: WriteOptions | null }
      result: Opened
      values: never
    }
    "fs/openForWriting": PluginHostCommands["openForWriting"]
    /**
     * Writes bytes to the end of an open file, and returns how many were written since it was opened.
     *
     * Wait for the answer before the next: of two that are under way the second may come first.
     */
    "writeChunk": {
      arguments: { file: number; bytes: ArrayBuffer | ArrayBufferView | number[] }
      result: number
      values: never
    }
    "fs/writeChunk": PluginHostCommands["writeChunk"]
    /**
     * Closes an open file, and returns how many bytes were written.
     *
     * With `keep: false` the file is as before where it was opened as `atomic`, and gone where it was made by opening it.
     */
    "closeWriting": {
      arguments: { file: number; keep?: boolean | null }
      result: number
      values: never
    }
    "fs/closeWriting": PluginHostCommands["closeWriting"]
    /**
     * Sends what changes in a folder, with `recursive` in all below it, or of a file, until it is cancelled or the folder is gone.
     *
     * The first progress, `true`, says that from now on nothing is missed. What happens within a moment is told together; where it is
     * too much, the folder itself is told as changed. At most 16 watches at a time.
     */
    "watch": {
      arguments: { path: string; options?: FolderOptions | null }
      result: null
      values: Change
      progress: boolean
    }
    "fs/watch": PluginHostCommands["watch"]
  }
}

/** For what is done with files. */
export type FileOptions = {
  /** The folder in which paths begin: its number, as in the `Dir` of Tauri 0.x. */
  dir?: number | null
}

/** For what is written. */
export type WriteOptions = {
  /** Whether it comes behind what the file holds already. */
  append?: boolean
  /** Whether the file is replaced in one step: everybody finds the old content or the new one, whole, also after a power failure. */
  atomic?: boolean
  /** The folder in which paths begin: its number, as in the `Dir` of Tauri 0.x. */
  dir?: number | null
}

/** For what is done with folders. */
export type FolderOptions = {
  /** The folder in which paths begin: its number, as in the `Dir` of Tauri 0.x. */
  dir?: number | null
  /** Whether all that is below is meant as well. */
  recursive?: boolean
}

/** What Tauri 0.x tells of what is in a folder. */
export type FileEntry2 = {
  /** What is in it, where it is a folder: nothing unless it was asked for by `recursive`. Null for everything else. */
  children?: FileEntry2[] | null
  /** The name; a sign that is no UTF-8 is told as �, and such a name finds nothing. */
  name: string
  /** The whole path. */
  path: string
}

/** An entry of a folder. */
export type Entry = {
  /** What it is itself: of a link, not what it leads to. */
  kind: Kind
  /** When it was changed last: milliseconds since 1970, as JavaScript's `Date` counts. Null where that is not known. */
  modified?: number | null
  /** The name; a sign that is no UTF-8 is told as �, and such a name finds nothing. */
  name: string
  /** How many bytes are in it. */
  size: number
}

/** What something is. */
export type Kind = "file" | "folder" | "link" | "other"

/** What is known of a file or folder. */
export type Known = {
  /** When it was made, likewise. */
  created?: number | null
  /** What it is; of a link, what it leads to. */
  kind: Kind
  /** Whether a link stands there. */
  link: boolean
  /** When it was changed last: milliseconds since 1970. Null where that is not known. */
  modified?: number | null
  /** Whether it is write-protected. */
  readOnly: boolean
  /** How many bytes are in it. */
  size: number
}

/** How far something has come. */
export type Share = {
  /** Bytes done. */
  done: number
  /** Bytes in all, as many as there were at the beginning. */
  total: number
}

/** A file that is open for writing. */
export type Opened = {
  /** Its number, for writeChunk and closeWriting. */
  file: number
}

/** Something that has changed. */
export type Change = {
  /** What has happened. */
  kind: Happened
  /** Whole paths; of a renamed file, the old one and the new one. */
  paths: string[]
}

/** What has happened. */
export type Happened = "created" | "changed" | "removed" | "renamed"
