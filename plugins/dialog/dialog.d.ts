// Made by plugin-host types: the types of these plugins' commands: dialog.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * Asks the user for a file, files, or a folder, and answers with the path; with a list of paths where `multiple` is wanted.
     *
     * Rejects with `user cancelled the dialog` when the user chooses nothing. What was chosen may then be read by the commands of `fs`
     * and `http`, until the host ends.
     */
    "openDialog": {
      arguments: { options?: OpenOptions | null }
      result: string | string[]
      values: never
    }
    "dialog/openDialog": PluginHostCommands["openDialog"]
    /**
     * Asks the user where to save a file, and before an existing one is chosen whether that is meant. Answers with the path.
     *
     * Rejects with `user cancelled the dialog` when the user chooses nothing. What was chosen may then be written by the commands of `fs`
     * and `http`, until the host ends.
     */
    "saveDialog": {
      arguments: { options?: SaveOptions | null }
      result: string
      values: never
    }
    "dialog/saveDialog": PluginHostCommands["saveDialog"]
    /**
     * Shows a message of 2000 characters at most, and answers with null when it has been closed.
     *
     * `title` stands above it; `kind` is `info`, `warning` or `error`.
     */
    "messageDialog": {
      arguments: { message: string; title?: string | null; kind?: Kind | null }
      result: null
      values: never
    }
    "dialog/messageDialog": PluginHostCommands["messageDialog"]
    /**
     * Asks a question of 2000 characters at most, and answers with true for yes, and with false for no or when it has been closed.
     *
     * `title` stands above it.
     */
    "askDialog": {
      arguments: { message: string; title?: string | null }
      result: boolean
      values: never
    }
    "dialog/askDialog": PluginHostCommands["askDialog"]
  }
}

/** How to ask for files or folders to open. */
export type OpenOptions = {
  /** Where it begins: a folder, or a file. Where there is no such thing, it begins where the system pleases. */
  defaultPath?: string | null
  /** Whether folders are chosen and not files. */
  directory?: boolean | null
  /**
   * The endings of files that are offered: `png,jpg;pdf` offers pictures, or documents. `;` stands between the groups that the
   * user chooses from, `,` within a group. All files can be chosen as well.
   */
  filter?: string | null
  /** The same with names, and only what is listed: `[{ name: "Pictures", extensions: ["png", "jpg"] }]`; `*` stands for all files. */
  filters?: Named[] | null
  /** Whether more than one may be chosen. The answer is a list then. */
  multiple?: boolean | null
  /** What stands above it. */
  title?: string | null
}

/** A group of files with a name. */
export type Named = {
  /** The endings, without a dot; `*` stands for all files. */
  extensions: string[]
  /** What the user reads. */
  name: string
}

/** How to ask where to save a file. */
export type SaveOptions = {
  /** Where it begins: a folder, a file's path, or only the name that is proposed. */
  defaultPath?: string | null
  /** As for `openDialog`. */
  filter?: string | null
  /** As for `openDialog`. */
  filters?: Named[] | null
  /** What stands above it. */
  title?: string | null
}

/** What a message is about, which decides the picture beside it. */
export type Kind = "info" | "warning" | "error"
