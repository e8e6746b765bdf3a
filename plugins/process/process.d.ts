// Made by plugin-host types: the types of these plugins' commands: process.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * Runs a program to its end, and resolves with what it has written to its standard output, as text.
     *
     * `command` and `args` must be in the configuration, under `[plugins.process.programs]`. It has no input. Where its exit code is not 0 the
     * promise rejects with what it has written to its standard error, or with a sentence that tells code or signal, where that is nothing.
     * Bytes that are no UTF-8 become U+FFFD. More than 8 MB of output is an error; `spawn` has no such limit.
     */
    "execute": {
      arguments: { command: string; args?: string[] | null }
      result: string
      values: never
    }
    "process/execute": PluginHostCommands["execute"]
    /**
     * Runs a program, and sends what it writes while it runs; resolves with `{ code, signal }` when it has ended and its pipes are closed.
     *
     * `command` and `args` must be in the configuration. The first value is `{ process, pid }`, those that follow `{ stdout }` or `{ stderr }`
     * with a piece of output each: text without broken characters, or base64 with `encoding: 'bytes'`. A page that takes them slowly
     * makes the program wait. `input` is what it reads; with `stdin: true` its input stays open for `writeInput`. Cancelling the call, or
     * leaving the page, ends the program and all that it has started.
     */
    "spawn": {
      arguments: {
        command: string
        args?: string[] | null
        input?: string | null
        stdin?: boolean | null
        encoding?: Encoding | null
      }
      result: End
      values: Output
    }
    "process/spawn": PluginHostCommands["spawn"]
    /**
     * Writes to the input of a program that was begun by `spawn` with `stdin: true`; resolves when the program's pipe has taken it.
     *
     * Give `text`, or `bytes` as an `ArrayBuffer`; with `close: true` the input ends after that, or at once where there is neither. Wait for one
     * before the next: two at a time may come in either order.
     */
    "writeInput": {
      arguments: {
        process: number
        text?: string | null
        bytes?: ArrayBuffer | ArrayBufferView | number[] | null
        close?: boolean | null
      }
      result: null
      values: never
    }
    "process/writeInput": PluginHostCommands["writeInput"]
    /**
     * Ends a program that was begun by `spawn`, and all that it has started, at once; tells whether it still ran.
     *
     * The promise of its `spawn` resolves with `signal: 9`.
     */
    "kill": {
      arguments: { process: number }
      result: boolean
      values: never
    }
    "process/kill": PluginHostCommands["kill"]
  }
}

/** How what a program writes is passed on. */
export type Encoding = "text" | "bytes"

/** How a program ended. */
export type End = {
  /** Its exit code; null where a signal has ended it. */
  code?: number | null
  /** The number of the signal that has ended it, as 9 after `kill`; null where it ended by itself. */
  signal?: number | null
}

/** What a program has to tell while it runs. */
export type Output = {
  /** The system's number for it. */
  pid: number
  /** Its number, for `writeInput` and `kill`. */
  process: number
} | {
  /** Text, or base64 where the encoding is `bytes`. */
  stdout: string
} | {
  /** Text, or base64 where the encoding is `bytes`. */
  stderr: string
}
