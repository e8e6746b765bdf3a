// Made by plugin-host types: the types of these plugins' commands: path.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * The path within a folder, by its words alone: nothing needs to be there, and `..` stays in it.
     *
     * Without `directory`, and where the path is absolute, it is the path itself.
     */
    "resolvePath": {
      arguments: { path: string; directory?: number | null }
      result: string
      values: never
    }
    "path/resolvePath": PluginHostCommands["resolvePath"]
    /**
     * The folders that this system has, by their names in Tauri's `BaseDirectory`: `app`, `localData`.
     *
     * They need not be there yet.
     */
    "directories": {
      arguments: {}
      result: { [key: string]: string }
      values: never
    }
    "path/directories": PluginHostCommands["directories"]
  }
}
