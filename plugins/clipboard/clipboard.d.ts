// Made by plugin-host types: the types of these plugins' commands: clipboard.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * The text in the clipboard; null where there is none, as with a picture.
     *
     * It may be anything that the user has copied anywhere, a password too: hence a page gets this command by its name alone. Rejects
     * where there is no display, where the program that has put something there does not answer within 3 seconds, and for more than 8 MB.
     */
    "readText": {
      arguments: {}
      result: string | null
      values: never
    }
    "clipboard/readText": PluginHostCommands["readText"]
    /**
     * Puts a text into the clipboard, in place of what is there.
     *
     * On Linux it is there for others as long as the host runs; a clipboard manager keeps it for longer. At most 8 MB.
     */
    "writeText": {
      arguments: { text: string }
      result: null
      values: never
    }
    "clipboard/writeText": PluginHostCommands["writeText"]
    /** Empties the clipboard, whoever has put something there. */
    "clear": {
      arguments: {}
      result: null
      values: never
    }
    "clipboard/clear": PluginHostCommands["clear"]
  }
}
