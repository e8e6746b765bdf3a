// Made by plugin-host types: the types of these plugins' commands: system.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /** The machine's name, system, processor and age. */
    "machine": {
      arguments: {}
      result: unknown
      values: never
    }
    "system/machine": PluginHostCommands["machine"]
    /** Memory and swap, in bytes. */
    "memory": {
      arguments: {}
      result: unknown
      values: never
    }
    "system/memory": PluginHostCommands["memory"]
    /** Load of each processor since the last call, in percent; null where nothing has been measured yet. */
    "processors": {
      arguments: {}
      result: unknown
      values: never
    }
    "system/processors": PluginHostCommands["processors"]
    /** The processes, by memory, processor, name or id; 50 of them unless `limit` says otherwise. */
    "processes": {
      arguments: { sort?: unknown /* Option<SortBy> */; limit?: number | null }
      result: unknown
      values: never
    }
    "system/processes": PluginHostCommands["processes"]
    /** The mounted disks and their space, in bytes. */
    "disks": {
      arguments: {}
      result: unknown
      values: never
    }
    "system/disks": PluginHostCommands["disks"]
    /**
     * What each network interface has received and sent since the system counts, in bytes, and when that was read, in milliseconds of a
     *
     * clock that never goes back: from two answers the page has a speed of its own, whoever else asks.
     */
    "networks": {
      arguments: {}
      result: unknown
      values: never
    }
    "system/networks": PluginHostCommands["networks"]
  }
}
