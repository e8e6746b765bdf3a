// Made by plugin-host types: the types of these plugins' commands: http.
// What is changed here is gone when it is made again.

export {}

declare global {
  interface PluginHostCommands {
    /**
     * Sends a request and resolves with the body of its answer.
     *
     * `options` are those of the Tauri 0.x client: `method`, `url`, `headers`, `params`, `body`, `bodyType`, `followRedirects`,
     * `maxRedirections`, `connectTimeout`, `readTimeout`, `timeout` (seconds), `allowCompression`, `responseType`. A body of bytes may be
     * given beside them, as `body`. Rejects where the host is not listed under `[plugins.http]` or cannot be reached, where the answer has
     * another status than 200 to 299, and where its body is not what `responseType` says or too long.
     */
    "httpRequest": {
      arguments: { options: HttpOptions2; body?: ArrayBuffer | ArrayBufferView | number[] | null }
      result: unknown
      values: never
    }
    "http/httpRequest": PluginHostCommands["httpRequest"]
    /**
     * Sends a request and resolves with the whole answer, whatever its status.
     *
     * It has `status`, `statusText`, `ok`, `headers`, `url`, `redirected` and `body`; `options` are those of `httpRequest`, but that the body
     * is read as text where there is no `responseType`. Rejects where the host is not listed under `[plugins.http]` or cannot be
     * reached, and where the body is not what `responseType` says or too long.
     */
    "fetch": {
      arguments: { options: HttpOptions2; body?: ArrayBuffer | ArrayBufferView | number[] | null }
      result: Fetched
      values: never
    }
    "http/fetch": PluginHostCommands["fetch"]
    /**
     * Sends a request and writes the body of its answer to the file `path`, however long it is.
     *
     * `options` are those of `httpRequest`; `options.dir` says from where on `path` is meant. The answer is only compressed on its way where
     * `allowCompression` is true. Progress is `{ done, total }` in bytes, `total` null where the server does not tell it. A file that
     * was there is replaced, in one step and at the end: who cancels, or is cut off, leaves it as it was. Resolves with `status`,
     * `headers`, `url` and `bytes`. Rejects as `httpRequest` does, and where `path` may not be written, by `write` under `[plugins.http]`.
     */
    "download": {
      arguments: {
        options: HttpOptions2
        path: string
        body?: ArrayBuffer | ArrayBufferView | number[] | null
      }
      result: Downloaded
      values: never
      progress: Loaded
    }
    "http/download": PluginHostCommands["download"]
  }
}

/** What is to be sent, to whom, and how the answer is to be read. */
export type HttpOptions2 = {
  /** Whether the server may compress its answer; it may unless this is false. A download is only compressed where this is true. */
  allowCompression?: boolean | null
  /** The body to be sent. */
  body?: unknown
  /** What the body is: 1 fields of a form, 2 the path of a file whose content is sent, 3 what it looks like. */
  bodyType?: number | null
  /** Seconds until a connection has to stand; 30 unless given. */
  connectTimeout?: number | null
  /** The folder from which on the path of a file is meant, by its number: 18 is the application's. */
  dir?: number | null
  /** Whether redirects are followed; they are unless this is false. */
  followRedirects?: boolean | null
  /** The headers to be sent; values are texts, numbers or booleans. */
  headers?: { [key: string]: unknown } | null
  /** How many redirects are followed, 5 unless given and 50 at most; false stands for none. */
  maxRedirections?: number | boolean | null
  /** GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS or TRACE, in any case of letters. */
  method: string
  /** What is appended to the address as its query; values likewise, or lists of them. */
  params?: { [key: string]: unknown } | null
  /** Seconds in which something has to come or go; 30 unless given. */
  readTimeout?: number | null
  /** How the answer is read: 1 as JSON, 2 as text, 3 as an array of bytes. */
  responseType?: number | null
  /** Seconds for all of it; as long as it takes unless given. */
  timeout?: number | null
  /** The address, `http://` or `https://`. */
  url: string
}

/** An answer of whatever status. */
export type Fetched = {
  /** Its body, as `responseType` says; as text where nothing is said. */
  body: unknown
  /** Its headers, by their names in small letters. What came several times is put together with `, `, cookies with a new line. */
  headers: { [key: string]: string }
  /** Whether it is one of success, 200 to 299. */
  ok: boolean
  /** Whether that is another place than was asked first. */
  redirected: boolean
  /** Its status, as 404. */
  status: number
  /** What that means, as `Not Found`. */
  statusText: string
  /** Where it came from in the end. */
  url: string
}

/** A download that is done. */
export type Downloaded = {
  /** The bytes that were written. */
  bytes: number
  /** Its headers, by their names in small letters. */
  headers: { [key: string]: string }
  /** The status of the answer, 200 to 299. */
  status: number
  /** Where it came from in the end. */
  url: string
}

/** How far a download has come. */
export type Loaded = {
  /** The bytes that were written. */
  done: number
  /** How many it will be, where the server says so. */
  total?: number | null
}
