// Made by plugin-host types: the types of these plugins' commands: log.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * Writes a line to the log of the host, as `page: …`.
     *
     * Line breaks and control characters are written as `\n` and `\u{1b}`, and what is longer than 8 KB is cut off. After 200 lines or 64 KB in 10 seconds
     * the rest of that time is left out, and one line says how many those were; the promise resolves all the same.
     */
    "log": {
      arguments: { level: PageLevel; message: string }
      result: null
      values: never
    }
    "log/log": PluginHostCommands["log"]
  }
}

/** How much a line matters. */
export type PageLevel = "trace" | "debug" | "info" | "warn" | "error"
