/**
 * A call of a plugin's command: its name, and its arguments beside it. An argument may be an `ArrayBuffer` or a view
 * of one: its bytes travel as they are. Within another value they do not.
 */
export interface Message {
  cmd: string
  [argument: string]: unknown
}

/** What a call may be given beside its message. */
export interface Options<P = unknown, V = unknown> {
  /** Cancels the call when it is aborted. */
  signal?: AbortSignal
  /** Cancels the call when it has taken so many milliseconds. */
  timeoutMs?: number
  /** Gets what the command reports of its progress. */
  onProgress?: (progress: P) => void
  /** Gets each value that the command sends before it is done. Where it returns a promise, the next value waits for it. */
  onValue?: (value: V) => void | Promise<void>
}

/** The names of the known commands: none where nobody has said which there are. */
type CommandName = keyof PluginHostCommands & string

/** What is known of a command: its `arguments`, its `result`, its `values` or its `progress`. */
type CommandPart<C extends CommandName, Part extends string> =
  PluginHostCommands[C] extends { [P in Part]: infer T } ? T : unknown

/** A call of a known command. */
type CommandCall<C extends CommandName> = { cmd: C } & CommandPart<C, 'arguments'>

/** What a call of a known command may be given. */
type CommandOptions<C extends CommandName> = Options<CommandPart<C, 'progress'>, CommandPart<C, 'values'>>

/** A call of which nothing is known. Where commands are known, only those of the host itself are called like this. */
interface LooseCall {
  cmd: [CommandName] extends [never] ? string : `host/${string}`
  [argument: string]: unknown
}

/** Calls a command and does not wait for it. What goes wrong is in the console and in the host's log. */
export function invoke(message: LooseCall): void
/** Calls a known command and does not wait for it. */
export function invoke<C extends CommandName>(message: CommandCall<C>): void

/**
 * Calls a command. Resolves with its value, which is an `ArrayBuffer` where the command answers with bytes; rejects
 * with its error as a string.
 */
export function promisified<T = unknown>(message: LooseCall, options?: Options): Promise<T>
/** Calls a known command. Resolves with its value; rejects with its error as a string. */
export function promisified<C extends CommandName>(
  message: CommandCall<C>,
  options?: CommandOptions<C>
): Promise<CommandPart<C, 'result'>>

/**
 * Calls a command and gives the values that it sends: `for await (const value of stream({ cmd: 'tail' }))`. The call
 * begins with the loop, and leaving the loop cancels it; the command's error is thrown in the loop as a string. What the
 * command resolves with is the iterator's own result.
 */
export function stream<V = unknown, T = unknown>(
  message: LooseCall,
  options?: Omit<Options, 'onValue'>
): AsyncGenerator<V, T, void>
/** Calls a known command and gives the values that it sends. Leaving the loop cancels the call. */
export function stream<C extends CommandName>(
  message: CommandCall<C>,
  options?: Omit<CommandOptions<C>, 'onValue'>
): AsyncGenerator<CommandPart<C, 'values'>, CommandPart<C, 'result'>, void>

/** Gives `callback` a name on the window and returns the name. With `once`, the name is good for one call. */
export function transformCallback<T = unknown>(callback: (value: T) => unknown, once?: boolean): string

/** Something that a plugin, or the host, tells the page. */
export interface Event<T = unknown> {
  type: string
  payload: T
}

/** Hears events of this name. Returns a function that ends that. With `once`, the first one ends it. */
export function listen<T = unknown>(event: string, handler: (event: Event<T>) => void, once?: boolean): () => void

/** Ends what `listen` began with this name and this function. */
export function unlisten<T = unknown>(event: string, handler: (event: Event<T>) => void): void

/** Tells the plugins of an event. The page does not hear it. */
export function emit(event: string, payload?: unknown): void

declare global {
  /**
   * The commands there are, by their names. While it is empty, any command may be called with anything. `plugin-host
   * types` fills it with the commands of the plugins in a folder; a page can add others:
   * `'name': { arguments: { count: number }; result: string; values: never }`.
   */
  interface PluginHostCommands {}

  interface Window {
    __TAURI__: {
      invoke: typeof invoke
      promisified: typeof promisified
      stream: typeof stream
      transformCallback: typeof transformCallback
      tauri: {
        invoke: typeof invoke
        promisified: typeof promisified
        transformCallback: typeof transformCallback
      }
      event: {
        listen: typeof listen
        unlisten: typeof unlisten
        emit: typeof emit
      }
    }
    readonly __TAURI_INVOKE_HANDLER__: (message: Message & { callback?: string; error?: string }) => void
  }
}

// What has no `export` stays within this file.
export {}
