/** A call of a plugin's command: its name, and its arguments beside it. */
export interface Message {
  cmd: string
  [argument: string]: unknown
}

/** Calls a command and does not wait for it. What goes wrong is in the console and in the host's log. */
export function invoke(message: Message): void

/** Calls a command. Resolves with its value; rejects with its error as a string. */
export function promisified<T = unknown>(message: Message): Promise<T>

/** Gives `callback` a name on the window and returns the name. With `once`, the name is good for one call. */
export function transformCallback<T = unknown>(callback: (value: T) => unknown, once?: boolean): string

/** Something that a plugin, or the host, tells the page. */
export interface Event<T = unknown> {
  type: string
  payload: T
}

/** Hears events of this name. Returns a function that ends that. With `once`, the first one ends it. */
export function listen<T = unknown>(event: string, handler: (event: Event<T>) => void, once?: boolean): () => void

declare global {
  interface Window {
    __TAURI__: {
      invoke: typeof invoke
      promisified: typeof promisified
      transformCallback: typeof transformCallback
      tauri: {
        invoke: typeof invoke
        promisified: typeof promisified
        transformCallback: typeof transformCallback
      }
      event: {
        listen: typeof listen
      }
    }
    readonly __TAURI_INVOKE_HANDLER__: (message: Message & { callback?: string; error?: string }) => void
  }
}
