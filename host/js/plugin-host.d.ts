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

/** Hears the next event of this name, and no more. Returns a function that ends that before. */
export function once<T = unknown>(event: string, handler: (event: Event<T>) => void): () => void

/** Ends what `listen` began with this name and this function. */
export function unlisten<T = unknown>(event: string, handler: (event: Event<T>) => void): void

/**
 * Tells the plugins of an event, and with `pages` the pages as well: those of all windows with `true`, this one included, or those in the
 * windows of these names. Without it no page hears it, as in Tauri 0.x.
 */
export function emit(event: string, payload?: unknown, options?: { pages?: boolean | string[] }): void

/** What a function of a group may be given beside its arguments: it can be cancelled, and where its command tells more, heard. */
export type Follow<P = unknown> = Omit<Options<P>, 'onValue'>

/** Folders that the system has for a purpose, by the numbers by which Tauri 0.x knows them. */
export interface BaseDirectories {
  readonly Audio: 1
  readonly Cache: 2
  readonly Config: 3
  readonly Data: 4
  readonly LocalData: 5
  readonly Desktop: 6
  readonly Document: 7
  readonly Download: 8
  readonly Executable: 9
  readonly Font: 10
  readonly Home: 11
  readonly Picture: 12
  readonly Public: 13
  readonly Runtime: 14
  readonly Template: 15
  readonly Video: 16
  /** What the application brings along. */
  readonly Resource: 17
  /** What belongs to the application: the one folder that may be used unless the configuration lists others. */
  readonly App: 18
}

/** One of these folders. */
export type BaseDirectory = BaseDirectories[keyof BaseDirectories]

/** What a function of `fs` may be told of the path before it. */
export interface FsOptions {
  /** The folder that a relative path begins in. */
  dir?: BaseDirectory
}

/** What a function of `fs` may be told of a folder. */
export interface FsFolderOptions extends FsOptions {
  /** Whether all below it is meant as well. */
  recursive?: boolean
}

/** What a function of `fs` may be told of a file that it writes. */
export interface FsWriteOptions extends FsOptions {
  /** Whether the file is the old one or the new one at any time, and never a part. */
  atomic?: boolean
  /** Whether it is written behind what is there. */
  append?: boolean
}

/** A file or folder within a folder, as `readDir` lists it. */
export interface FileEntry {
  path: string
  name?: string | null
  /** What a folder holds: nothing unless it was asked for by `recursive`. Null for a file. */
  children?: FileEntry[] | null
}

/** What something in a folder is. */
export type FileKind = 'file' | 'folder' | 'link' | 'other'

/** A file or folder within a folder, as `list` lists it. */
export interface ListedEntry {
  name: string
  /** What it is itself: of a link, not what it leads to. */
  kind: FileKind
  /** In bytes. */
  size: number
  /** In milliseconds since 1970, as `Date` counts. */
  modified: number | null
}

/** What is known of a file or folder. */
export interface FileMetadata {
  /** What it is; of a link, what it leads to. */
  kind: FileKind
  /** Whether a link stands there. */
  link: boolean
  /** In bytes. */
  size: number
  /** In milliseconds since 1970, as the one that follows. */
  modified: number | null
  created: number | null
  readOnly: boolean
}

/** How far something has come, in bytes. */
export interface Done {
  done: number
  total: number
}

/** What has happened to a file or folder. */
export interface FileChange {
  kind: 'created' | 'changed' | 'removed' | 'renamed'
  /** Whole paths; of a renamed file, the old one and the new one. */
  paths: string[]
}

/** A part of a file, in bytes. */
export interface FilePart {
  /** Where it begins. */
  offset?: number
  /** How long it is; to the end unless it is given. */
  length?: number
}

/** Files and folders: the plugin `fs`, which reaches what `read` and `write` under `[plugins.fs]` list. */
export interface FsGroup {
  /** The numbers of folders. */
  readonly BaseDirectory: BaseDirectories
  /** The same, as Tauri 0.x calls it. */
  readonly Dir: BaseDirectories
  /** The text of a file. */
  readTextFile(path: string, options?: FsOptions, follow?: Follow): Promise<string>
  /** The bytes of a file, as numbers; `readFile` is faster. */
  readBinaryFile(path: string, options?: FsOptions, follow?: Follow): Promise<number[]>
  /** Writes a text in the place of what the file holds. */
  writeFile(file: { path: string; contents: string }, options?: FsWriteOptions, follow?: Follow): Promise<void>
  /** Writes bytes in the place of what the file holds; a text of them is Base64. */
  writeBinaryFile(
    file: { path: string; contents: ArrayBuffer | ArrayBufferView | string },
    options?: FsWriteOptions,
    follow?: Follow
  ): Promise<void>
  /** What a folder holds; with `recursive`, what the folders in it hold as well. */
  readDir(path: string, options?: FsFolderOptions, follow?: Follow): Promise<FileEntry[]>
  /** Makes a folder; with `recursive`, those on the way to it as well. */
  createDir(path: string, options?: FsFolderOptions, follow?: Follow): Promise<void>
  /** Removes a folder; with `recursive`, all that it holds as well. */
  removeDir(path: string, options?: FsFolderOptions, follow?: Follow): Promise<void>
  /** Removes a file. */
  removeFile(path: string, options?: FsOptions, follow?: Follow): Promise<void>
  /** Gives a file or folder another path. */
  renameFile(oldPath: string, newPath: string, options?: FsOptions, follow?: Follow): Promise<void>
  /** Copies a file; `onProgress` hears how far that is. */
  copyFile(source: string, destination: string, options?: FsOptions, follow?: Follow<Done>): Promise<void>
  /** The bytes of a file, or so many of them from a place on. */
  readFile(path: string, options?: FsOptions & FilePart, follow?: Follow): Promise<ArrayBuffer>
  /** What a folder holds, with kind, size and age. */
  list(path: string, options?: FsOptions, follow?: Follow): Promise<ListedEntry[]>
  /** Kind, size and age of a file or folder. */
  metadata(path: string, options?: FsOptions, follow?: Follow): Promise<FileMetadata>
  /** Whether there is something at this path. */
  exists(path: string, options?: FsOptions, follow?: Follow): Promise<boolean>
  /** The bytes of a file piece by piece: `for await (const piece of fs.readStream('a'))`. */
  readStream(path: string, options?: FsOptions & FilePart, follow?: Follow<Done>): AsyncGenerator<ArrayBuffer, unknown, void>
  /** Begins to write a file in pieces; resolves with the number of the open file. */
  openForWriting(path: string, options?: FsWriteOptions, follow?: Follow): Promise<{ file: number }>
  /** Writes the next piece, and resolves with how many bytes there are. Wait for one before the next. */
  writeChunk(file: number, bytes: ArrayBuffer | ArrayBufferView, follow?: Follow): Promise<number>
  /** Closes it: the file is whole when this resolves, with how many bytes there are. With `keep: false` it is given up. */
  closeWriting(file: number, options?: { keep?: boolean }, follow?: Follow): Promise<number>
  /**
   * What happens to a file or in a folder, until the loop is left: `for await (const change of fs.watch('a'))`. When `onProgress` hears
   * `true`, nothing is missed any more.
   */
  watch(path: string, options?: FsFolderOptions, follow?: Follow<boolean>): AsyncGenerator<FileChange, unknown, void>
}

/** The path of a folder of the system's; rejects where the system has none. */
export type FolderPath = (follow?: Follow) => Promise<string>

/** Paths: the plugin `path`. */
export interface PathGroup {
  /** The whole path of one that begins in a folder. */
  resolvePath(path: string, directory?: BaseDirectory, follow?: Follow): Promise<string>
  /** All folders that the system has, by names like `localData`. */
  directories(follow?: Follow): Promise<Record<string, string>>
  audioDir: FolderPath
  cacheDir: FolderPath
  configDir: FolderPath
  dataDir: FolderPath
  localDataDir: FolderPath
  desktopDir: FolderPath
  documentDir: FolderPath
  downloadDir: FolderPath
  executableDir: FolderPath
  fontDir: FolderPath
  homeDir: FolderPath
  pictureDir: FolderPath
  publicDir: FolderPath
  runtimeDir: FolderPath
  templateDir: FolderPath
  videoDir: FolderPath
  /** Of what the application brings along. */
  resourceDir: FolderPath
  /** Of what belongs to the application. */
  appDir: FolderPath
  /** What stands between the parts of a path. */
  readonly sep: string
  /** What stands between paths. */
  readonly delimiter: string
}

/** How to ask where to save. */
export interface SaveDialogOptions {
  /** Endings that are offered: `png,jpg;pdf` for pictures, or documents. */
  filter?: string
  /** The same with names. */
  filters?: { name: string; extensions: string[] }[]
  /** Where it begins. */
  defaultPath?: string
  /** What stands above it. */
  title?: string
}

/** How to ask what to open. */
export interface OpenDialogOptions extends SaveDialogOptions {
  /** Whether more than one may be chosen; the answer is a list then. */
  multiple?: boolean
  /** Whether folders are chosen, and not files. */
  directory?: boolean
}

/** Dialogues: the plugin `dialog`. What the user has chosen `fs` and `http` may use from then on, until the host ends. */
export interface DialogGroup {
  /** Asks for files or folders. Rejects with `user cancelled the dialog` where the user chooses none. */
  open(options: OpenDialogOptions & { multiple: true }, follow?: Follow): Promise<string[]>
  open(options?: OpenDialogOptions & { multiple?: false }, follow?: Follow): Promise<string>
  open(options?: OpenDialogOptions, follow?: Follow): Promise<string | string[]>
  /** Asks where to save. Rejects with `user cancelled the dialog` where the user does not want to. */
  save(options?: SaveDialogOptions, follow?: Follow): Promise<string>
  /** Shows a message, and resolves when it has been closed. */
  message(message: string, options?: { title?: string; kind?: 'info' | 'warning' | 'error' }, follow?: Follow): Promise<void>
  /** Asks a question of yes or no. */
  ask(message: string, title?: string, follow?: Follow): Promise<boolean>
}

/** How an answer's body is read. */
export interface ResponseTypes {
  readonly JSON: 1
  readonly Text: 2
  /** As numbers, one for each byte. */
  readonly Binary: 3
}

/** What a body is. */
export interface BodyTypes {
  /** The fields of a form. */
  readonly Form: 1
  /** The path of a file whose content is sent. */
  readonly File: 2
  /** What it looks like: a text, bytes, or else JSON. */
  readonly Auto: 3
}

/** How a request is made, beside its method and address. */
export interface HttpOptions {
  headers?: Record<string, string | number | boolean>
  /** What is appended to the address as its query. */
  params?: Record<string, unknown>
  /** An `ArrayBuffer` or a view of one is sent as its bytes. */
  body?: unknown
  bodyType?: BodyTypes[keyof BodyTypes]
  responseType?: ResponseTypes[keyof ResponseTypes]
  followRedirects?: boolean
  maxRedirections?: number | boolean
  /** In seconds, as the two that follow. */
  connectTimeout?: number
  readTimeout?: number
  timeout?: number
  allowCompression?: boolean
  /** The folder that a path begins in: of a body's file, or of a download. */
  dir?: BaseDirectory
}

/** A request. */
export interface HttpRequest extends HttpOptions {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS' | 'TRACE'
  url: string
}

/** An answer of whatever status. */
export interface HttpAnswer<T = unknown> {
  status: number
  statusText: string
  /** Whether the status is one of success, 200 to 299. */
  ok: boolean
  /** By their names in small letters. */
  headers: Record<string, string>
  /** Where it came from in the end. */
  url: string
  /** Whether that is another place than was asked first. */
  redirected: boolean
  /** As `responseType` says. */
  body: T
}

/** Requests by the host: the plugin `http`, which asks the hosts that `hosts` under `[plugins.http]` lists. */
export interface HttpGroup {
  readonly ResponseType: ResponseTypes
  readonly BodyType: BodyTypes
  /** Resolves with the body of the answer, and rejects where its status is none of success. */
  request<T = unknown>(options: HttpRequest, follow?: Follow): Promise<T>
  get<T = unknown>(url: string, options?: HttpOptions, follow?: Follow): Promise<T>
  post<T = unknown>(url: string, body: unknown, options?: HttpOptions, follow?: Follow): Promise<T>
  put<T = unknown>(url: string, body: unknown, options?: HttpOptions, follow?: Follow): Promise<T>
  patch<T = unknown>(url: string, options?: HttpOptions, follow?: Follow): Promise<T>
  delete<T = unknown>(url: string, options?: HttpOptions, follow?: Follow): Promise<T>
  /** Resolves with the whole answer, whatever its status. An address alone is a GET. */
  fetch<T = unknown>(request: HttpRequest | string, follow?: Follow): Promise<HttpAnswer<T>>
  /** Writes an answer's body into a file; `onProgress` hears how far that is, as far as the server tells. */
  download(
    request: HttpRequest | string,
    path: string,
    options?: HttpOptions,
    follow?: Follow<{ done: number; total: number | null }>
  ): Promise<{ status: number; headers: Record<string, string>; url: string; bytes: number }>
}

/** A notification. */
export interface NotificationOptions {
  title: string
  body?: string
  /** A name of the desktop's icons, such as `dialog-information`; no file. */
  icon?: string
}

/** Notifications: the plugin `notification`. `window.Notification` is made on it, too. */
export interface NotificationGroup {
  /** Shows one, or says on the console why not. */
  sendNotification(options: NotificationOptions | string): void
  /** Asks the user, who may have answered before. */
  requestPermission(): Promise<'granted' | 'denied' | 'default'>
  /** Null where the user has not been asked. */
  isPermissionGranted(): Promise<boolean | null>
}

/** What `process.spawn` tells while the program runs: first who it is, then what it writes. */
export type ProcessOutput = { process: number; pid: number } | { stdout: string } | { stderr: string }

/** Programs: the plugin `process`, which starts those that `[plugins.process.programs]` lists. */
export interface ProcessGroup {
  /** Runs a program; resolves with what it writes, and rejects with what it writes of errors where it fails. */
  execute(command: string, args?: string | string[], follow?: Follow): Promise<string>
  /** Runs a program; `onValue` hears what it writes, and aborting ends it. */
  spawn(
    command: string,
    args?: string | string[],
    options?: { input?: string; stdin?: boolean; encoding?: 'text' | 'bytes' },
    follow?: Options<unknown, ProcessOutput>
  ): Promise<{ code: number | null; signal: number | null }>
  /** Writes to the input of a program that was begun with `stdin`. */
  writeInput(
    process: number,
    data?: string | ArrayBuffer | ArrayBufferView,
    options?: { close?: boolean },
    follow?: Follow
  ): Promise<void>
  /** Ends a program; whether it still ran. */
  kill(process: number, follow?: Follow): Promise<boolean>
}

/** How a window is made. */
export interface WindowOptions {
  /** A page of the application's; the first one unless it is given. */
  url?: string
  title?: string
  width?: number
  height?: number
}

/** The application's windows, which the host itself has. `label` names one; without it the page's own window is meant. */
export interface WindowGroup {
  /** What the page's own window is called. */
  readonly label: string
  setTitle(title: string, label?: string): void
  /** Opens an address in the system's browser. */
  open(url: string): void
  /** Sets the size of its page, in logical pixels. */
  setSize(width: number, height: number, label?: string): Promise<void>
  size(label?: string): Promise<{ width: number; height: number }>
  /** Moves it, in logical pixels from the left and from above. */
  setPosition(x: number, y: number, label?: string): Promise<void>
  /** Where it is; null where the system does not tell. */
  position(label?: string): Promise<{ x: number; y: number } | null>
  setFullscreen(fullscreen: boolean, label?: string): Promise<void>
  isFullscreen(label?: string): Promise<boolean>
  minimize(label?: string): Promise<void>
  unminimize(label?: string): Promise<void>
  maximize(label?: string): Promise<void>
  unmaximize(label?: string): Promise<void>
  isMaximized(label?: string): Promise<boolean>
  show(label?: string): Promise<void>
  hide(label?: string): Promise<void>
  /** Whether the user can change its size. */
  setResizable(resizable: boolean, label?: string): Promise<void>
  /** Whether it stays above others. */
  setAlwaysOnTop(alwaysOnTop: boolean, label?: string): Promise<void>
  focus(label?: string): Promise<void>
  center(label?: string): Promise<void>
  /** Opens another window, and resolves with its label; with one that is free where none is given. */
  create(label?: string, options?: WindowOptions): Promise<string>
  close(label?: string): Promise<void>
  /** The labels of all windows. */
  list(): Promise<string[]>
}

/** What the command line says of one argument. */
export interface CliArgument {
  value: string | boolean | string[] | null
  occurrences: number
}

/** What the command line says. */
export interface CliMatches {
  args: { [name: string]: CliArgument }
  subcommand: { name: string; matches: CliMatches } | null
}

/** The command line, which the host itself reads. */
export interface CliGroup {
  getMatches(follow?: Follow): Promise<CliMatches>
}

/** The clipboard: the plugin `clipboard`. */
export interface ClipboardGroup {
  /** Null where it holds no text. */
  readText(follow?: Follow): Promise<string | null>
  writeText(text: string, follow?: Follow): Promise<void>
  clear(follow?: Follow): Promise<void>
}

/** Values that are kept: the plugin `store`. */
export interface StoreGroup {
  /** Null where there is none. */
  get<T = unknown>(key: string, follow?: Follow): Promise<T | null>
  set(key: string, value: unknown, follow?: Follow): Promise<void>
  /** Whether there was one. */
  remove(key: string, follow?: Follow): Promise<boolean>
  /** All in order, or those that begin with `prefix`. */
  keys(prefix?: string, follow?: Follow): Promise<string[]>
}

/** The log: the plugin `log`. */
export interface LogGroup {
  trace(message: string): Promise<void>
  debug(message: string): Promise<void>
  info(message: string): Promise<void>
  warn(message: string): Promise<void>
  error(message: string): Promise<void>
}

export const fs: FsGroup
export const path: PathGroup
export const dialog: DialogGroup
export const http: HttpGroup
export const notification: NotificationGroup
export const process: ProcessGroup
/** The group `window`: a module cannot well have a variable of that name. */
export const appWindow: WindowGroup
export const cli: CliGroup
export const clipboard: ClipboardGroup
export const store: StoreGroup
export const log: LogGroup

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
        stream: typeof stream
        transformCallback: typeof transformCallback
      }
      event: {
        listen: typeof listen
        once: typeof once
        unlisten: typeof unlisten
        emit: typeof emit
      }
      fs: FsGroup
      path: PathGroup
      dialog: DialogGroup
      http: HttpGroup
      notification: NotificationGroup
      process: ProcessGroup
      window: WindowGroup
      cli: CliGroup
      clipboard: ClipboardGroup
      store: StoreGroup
      log: LogGroup
    }
    readonly __TAURI_INVOKE_HANDLER__: (message: Message & { callback?: string; error?: string }) => void
  }
}

// What has no `export` stays within this file.
export {}
