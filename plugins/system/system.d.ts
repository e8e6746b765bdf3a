// Made by plugin-host types: the types of these plugins' commands: system.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /** The machine's name, system, processor and age. */
    "machine": {
      arguments: {}
      result: Machine
      values: never
    }
    "system/machine": PluginHostCommands["machine"]
    /** Memory and swap, in bytes. */
    "memory": {
      arguments: {}
      result: Memory
      values: never
    }
    "system/memory": PluginHostCommands["memory"]
    /** Load of each processor since the last call, in percent; null where nothing has been measured yet. */
    "processors": {
      arguments: {}
      result: Processors
      values: never
    }
    "system/processors": PluginHostCommands["processors"]
    /** The processes, by memory, processor, name or id; 50 of them unless `limit` says otherwise. */
    "processes": {
      arguments: { sort?: SortBy | null; limit?: number | null }
      result: Processes
      values: never
    }
    "system/processes": PluginHostCommands["processes"]
    /** The mounted disks and their space, in bytes. */
    "disks": {
      arguments: {}
      result: Disk[]
      values: never
    }
    "system/disks": PluginHostCommands["disks"]
    /**
     * What each network interface has received and sent since the system counts, in bytes.
     *
     * When that was read is told in milliseconds of a clock that never goes back: from two answers the page has a speed of its own, whoever
     * else asks.
     */
    "networks": {
      arguments: {}
      result: Traffic
      values: never
    }
    "system/networks": PluginHostCommands["networks"]
  }
}

/** The machine. What the system does not tell is null. */
export type Machine = {
  /** The processor's instruction set, such as `x86_64`. */
  architecture: string
  /** Processor cores, without those that exist by threading alone. */
  cores?: number | null
  /** Its name in the network. */
  hostName?: string | null
  /** The kernel's version. */
  kernel?: string | null
  /** How many processes wished to run, on average of 1, 5 and 15 minutes. Null on Windows. */
  loadAverage?: [number, number, number] | null
  /** The system and its version, as the system calls itself. */
  system?: string | null
  /** Seconds since the machine was started. */
  uptimeSeconds?: number | null
}

/** Memory and swap, in bytes. */
export type Memory = {
  /** What programs can still have. */
  availableBytes: number
  /** All swap; 0 without. */
  swapTotalBytes: number
  /** The swap in use. */
  swapUsedBytes: number
  /** All memory. */
  totalBytes: number
  /** What is in use and cannot be taken back at once. */
  usedBytes: number
}

/** The processors and their load. */
export type Processors = {
  /** What the maker calls them. */
  brand: string
  /** One entry each. */
  processors: Processor[]
  /** The load of all together, 0 to 100; null until there are two measurements to compare. */
  usagePercent?: number | null
}

/** One processor, as the system schedules on it. */
export type Processor = {
  /** Its present speed, in MHz; 0 where the system does not tell. */
  frequencyMhz: number
  /** The system's name for it. */
  name: string
  /** Its load, 0 to 100; null until there are two measurements to compare. */
  usagePercent?: number | null
}

/** What the list is sorted by. */
export type SortBy = "memory" | "processor" | "name" | "id"

/** Some of the processes, and how many there are. */
export type Processes = {
  /** The first ones by the chosen order. */
  processes: Process[]
  /** All of them. */
  total: number
}

/** One process. */
export type Process = {
  /** The system's number for it. */
  id: number
  /** The memory that it occupies, in bytes. */
  memoryBytes: number
  /** Its program's name. What is not Unicode in it is replaced. */
  name: string
  /** Processor time since the list was last read, in percent of one processor: 200 is two of them. 0 the first time. */
  processorPercent: number
  /** Seconds since it was started. */
  runSeconds: number
}

/** A mounted disk. */
export type Disk = {
  /** What this user can still have of it, in bytes. */
  availableBytes: number
  /** The kind of its file system. */
  fileSystem: string
  /** Where it is mounted. */
  mountPoint: string
  /** The device's name. What is not Unicode in it is replaced. */
  name: string
  /** Whether it cannot be written to. */
  readOnly: boolean
  /** Whether it may be taken out. */
  removable: boolean
  /** All its space, in bytes. */
  totalBytes: number
}

/** All interfaces at one moment. */
export type Traffic = {
  /** The interfaces in order of their names. */
  interfaces: Interface[]
  /** When this was read, in milliseconds of a clock that never goes back. Two answers tell a speed. */
  milliseconds: number
}

/** One interface. */
export type Interface = {
  /** Whether it leads nowhere but to this machine. */
  loopback: boolean
  /** The system's name for it. */
  name: string
  /** What it has received since the system counts, in bytes. */
  receivedBytes: number
  /** What it has sent, likewise. */
  sentBytes: number
}
