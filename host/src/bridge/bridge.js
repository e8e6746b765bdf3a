// The page's side of the bridge. Runs in the top frame before any script of the page, once for each load.
//
// Calls made in one turn leave as one message; replies arrive as data and settle promises by id. What the page may
// change later (JSON, Promise, Map, prototypes) is taken here first. Frames can post to the host too, and are not heard: the
// secret is known to `transport` alone (transport.js), which is nothing where the page is none of the host's. `label` is the window's
// name; the other parts are functions of the files beside this one, which get what they need of it.
(function (transport, maxMessage, label, parts) {
  'use strict'
  if (!transport) {
    // What was ready for the page before this one may still come, and is not for this one to hear.
    Object.defineProperty(window, '__PLUGIN_HOST_DELIVER__', { value: () => {} })
    return
  }
  const { post, ask } = transport
  const { makeStream, makeEvents, makeNotification, makeGroups, makeInternals, watchMistakes } = parts

  const { parse, stringify } = JSON
  const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect
  const { assign, create } = Object
  const NativePromise = Promise
  const nativeThen = Promise.prototype.then
  const { text: responseText, arrayBuffer: responseBytes } = Response.prototype
  const responseOk = getOwnPropertyDescriptor(Response.prototype, 'ok').get
  const { isView } = ArrayBuffer
  const NativeArrayBuffer = ArrayBuffer
  const Bytes = Uint8Array
  const { setTimeout: nativeSetTimeout, clearTimeout: nativeClearTimeout } = window
  const console = window.console
  const consoleError = console.error
  const crypto = window.crypto
  const { getRandomValues } = crypto
  const Words = Uint32Array
  const then = (promise, done, failed) => apply(nativeThen, promise, [done, failed])
  const nativeQueueMicrotask = window.queueMicrotask

  const FLUSH_EARLY = 1 << 20
  const LONGEST_TIMER = 2 ** 31 - 1
  const VALUE = 0, ERROR = 1, LARGE = 2, INVOKE_ERROR = 3, EVENT = 4, BYTES = 5, PROGRESS = 6, ITEM = 7, LARGE_ITEM = 8,
    BYTES_ITEM = 9

  let token, nextId, pending, outgoing, scheduled
  function startSession() {
    token = drawn()
    nextId = 1
    pending = create(null)
    outgoing = ''
    scheduled = false
    send('h\n')
  }

  // What nobody else has drawn.
  function drawn() {
    const random = apply(getRandomValues, crypto, [new Words(4)])
    return '' + random[0] + '-' + random[1] + '-' + random[2] + '-' + random[3]
  }

  function send(lines) {
    post(token, lines)
  }

  function flush() {
    scheduled = false
    if (outgoing === '') return
    const lines = outgoing
    outgoing = ''
    send(lines)
  }

  function enqueue(kind, id, text) {
    outgoing += kind + id + ' ' + text + '\n'
    if (outgoing.length > FLUSH_EARLY) flush()
    else if (!scheduled) {
      apply(nativeQueueMicrotask, window, [flush])
      scheduled = true
    }
  }

  // What to copy a message into. A plain object is written fastest, but would take a key called __proto__ for its prototype.
  const copyOf = message => getOwnPropertyDescriptor(message, '__proto__') ? create(null) : {}

  // The JSON text of a message, or a thrown sentence.
  function textOf(message, extra) {
    if (message === null || typeof message !== 'object') throw 'the message is not an object; send { cmd: "name", … }'
    const whole = extra ? assign(copyOf(message), message, extra) : message
    let text
    try {
      text = stringify(whole)
    } catch (error) {
      // JSON has no place for them; as text they are exact.
      const asText = (key, value) => typeof value === 'bigint' ? '' + value : value
      try {
        text = stringify(whole, asText)
      } catch (error) {
        throw 'the message cannot be written as JSON: ' + (error && error.message || error)
      }
    }
    if (typeof text !== 'string') throw 'the message is not an object; send { cmd: "name", … }'
    if (text.length > maxMessage) tooLong(text.length, 'characters')
    return text
  }

  function tooLong(length, of) {
    throw 'the message is too long: ' + length + ' ' + of + ', and ' + maxMessage + ' are allowed; pass large data in parts or by file'
  }

  // The arguments of a message that are bytes, and what stands in their places.
  function attachedTo(message) {
    let found = null
    for (const key in message) {
      const value = message[key]
      if (typeof value !== 'object' || value === null) continue
      const view = isView(value)
      if (!view && !(value instanceof NativeArrayBuffer)) continue
      found = found || { places: create(null), parts: [] }
      const part = view ? new Bytes(value.buffer, value.byteOffset, value.byteLength) : new Bytes(value)
      found.places[key] = { $bytes: found.parts.length }
      found.parts[found.parts.length] = part
    }
    return found
  }

  // A message with bytes takes a way of its own: a request whose body is its line, their lengths, and the bytes.
  function upload(kind, id, text, { parts }, failed) {
    let lengths = ''
    for (const part of parts) lengths += (lengths && ' ') + part.length
    const session = token
    const sent = ask(session, kind + id + ' ' + text + '\n' + lengths + '\n', parts, length => tooLong(length, 'bytes'))
    const told = reason => { if (session === token) failed('the message could not be sent: ' + reason) }
    return then(sent, response => { if (!apply(responseOk, response, [])) told('the host answered ' + response.status) }, told)
  }

  // Sends a message on the way that it needs.
  function dispatchCall(kind, id, message, extra, failed) {
    const attached = message === null || typeof message !== 'object' ? null : attachedTo(message)
    const text = textOf(message, attached ? assign(attached.places, extra) : extra)
    if (attached) return upload(kind, id, text, attached, failed)
    enqueue(kind, id, text)
  }

  function complain(text) {
    apply(consoleError, console, [text])
  }

  const { dispatch, ...events } = makeEvents(invoke, complain)

  // The hook of Tauri 0.x, and what its module calls `invoke`. Where the message names functions on the window as
  // `callback` and `error`, they are called with the reply.
  function invoke(message) {
    const { cmd, event, handler, once, callback, error } = message === null || typeof message !== 'object' ? {} : message
    // As its module asks for events.
    if (cmd === 'listen' && typeof handler === 'string') {
      return void events.listen(event, value => callByName(handler, value), once)
    }
    const answered = typeof callback === 'string' || typeof error === 'string'
    const entry = { resolve: value => callByName(callback, value), reject: reason => callByName(error, reason) }
    const id = nextId++
    try {
      if (answered) pending[id] = entry
      dispatchCall(answered ? 'p' : 'i', id, message, undefined, reason => {
        if (answered) settle(id, ERROR, reason)
        else complain('invoke: ' + reason)
      })
    } catch (reason) {
      delete pending[id]
      if (answered) entry.reject(reason)
      else complain('invoke: ' + reason)
    }
  }

  function promisified(message, options) {
    return new NativePromise((resolve, reject) => {
      const id = nextId++
      const entry = { resolve, reject }
      try {
        const watched = options !== undefined && options !== null && watch(id, entry, options)
        pending[id] = entry
        const names = { callback: 'callback-' + id, error: 'error-' + id }
        entry.sent = dispatchCall(watched ? 'c' : 'p', id, message, names, reason => settle(id, ERROR, reason))
      } catch (reason) {
        conclude(id, entry)
        reject(reason)
      }
    })
  }

  // What the page wants to say and hear while the call is under way.
  function watch(id, entry, options) {
    const { signal, onProgress, onValue } = options
    const timeoutMs = options.timeoutMs === null ? undefined : options.timeoutMs
    for (const [name, value] of [['onProgress', onProgress], ['onValue', onValue]]) {
      if (value !== undefined && typeof value !== 'function') throw new TypeError(name + ' is a function')
    }
    if (timeoutMs !== undefined && !(timeoutMs >= 0)) throw new TypeError('timeoutMs is a number of milliseconds')
    if (signal && signal.aborted) throw signal.reason
    assign(entry, { onProgress, onValue })
    const cancel = reason => {
      if (pending[id] !== entry) return
      const session = token
      const tell = () => { if (session === token) enqueue('x', id, '0') }
      if (entry.sent) then(entry.sent, tell)
      else tell()
      conclude(id, entry)
      entry.reject(reason)
    }
    const abort = () => cancel(signal.reason)
    if (signal) signal.addEventListener('abort', abort)
    const timer = !(timeoutMs <= LONGEST_TIMER) ? 0 : apply(nativeSetTimeout, window, [() => {
      cancel('no answer within ' + timeoutMs + ' ms')
    }, timeoutMs])
    assign(entry, { cancel, done: () => {
      if (signal) signal.removeEventListener('abort', abort)
      if (timer) apply(nativeClearTimeout, window, [timer])
    } })
    return true
  }

  function conclude(id, entry) {
    delete pending[id]
    // The host keeps them until somebody fetches them.
    if (entry.unfetched) for (const number of ownKeys(entry.unfetched)) enqueue('d', number, '0')
    if (entry.done) entry.done()
  }

  function callByName(name, value) {
    const descriptor = typeof name === 'string' && !windowsOwn[name] && getOwnPropertyDescriptor(window, name)
    const callback = descriptor && descriptor.value
    if (typeof callback !== 'function') {
      return complain('no callback ' + stringify(name) + ' to give a reply to; a callback is a function that transformCallback has named')
    }
    try {
      callback(value)
    } catch (error) {
      complain(error)
    }
  }

  function transformCallback(callback, once) {
    const name = 'callback-' + drawn()
    defineProperty(window, name, {
      configurable: true,
      value: result => {
        if (once) delete window[name]
        return callback && callback(result)
      }
    })
    return name
  }

  function settle(id, status, value) {
    if (status === INVOKE_ERROR) return complain('invoke: ' + value)
    if (status === EVENT) return dispatch(value)
    const entry = pending[id]
    const item = status === ITEM || status === LARGE_ITEM || status === BYTES_ITEM
    const large = status === LARGE || status === BYTES || (item && status !== ITEM)
    if (!entry) {
      // The host keeps it until somebody fetches it.
      if (large) enqueue('d', value, '0')
      // It goes on, and waits for somebody who is no longer there.
      if (status === PROGRESS || item) enqueue('x', id, '0')
      return
    }
    if (large) (entry.unfetched = entry.unfetched || create(null))[value] = true
    if (status === PROGRESS) {
      if (entry.onProgress) entry.onProgress(value)
    } else if (item) {
      takeItem(id, entry, status, value)
    } else if (entry.values) {
      // What was sent before comes before.
      entry.values = then(entry.values, () => finish(id, entry, status, value))
    } else finish(id, entry, status, value)
  }

  function finish(id, entry, status, value) {
    if (pending[id] !== entry) return
    if (status === LARGE || status === BYTES) {
      delete entry.unfetched[value]
      return fetchValue(value, status === BYTES, (failed, value) => finish(id, entry, failed ? ERROR : VALUE, value))
    }
    conclude(id, entry)
    if (status === VALUE) entry.resolve(value)
    else entry.reject(value)
  }

  // One of many values: the next one is looked at when the page is done with this one.
  function takeItem(id, entry, status, value) {
    const taken = () => { if (pending[id] === entry) enqueue('a', id, '1') }
    if (!entry.onValue) {
      if (status !== ITEM) {
        delete entry.unfetched[value]
        enqueue('d', value, '0')
      }
      return taken()
    }
    const fetched = () => status === ITEM || pending[id] !== entry ? value : new NativePromise((resolve, reject) => {
      delete entry.unfetched[value]
      fetchValue(value, status === BYTES_ITEM, (failed, value) => failed ? reject(value) : resolve(value))
    })
    const given = then(entry.values || NativePromise.resolve(), fetched)
    const heard = then(given, value => { if (pending[id] === entry) return entry.onValue(value) })
    entry.values = then(heard, taken, error => entry.cancel(error))
  }

  // Fetches a large value and gives it to `done`, or why that failed.
  function fetchValue(number, bytes, done) {
    const session = token
    const failed = error => { if (session === token) done(true, 'the reply could not be fetched: ' + error) }
    let body
    try {
      body = then(ask(session, 'f' + number, []), response => {
        if (!apply(responseOk, response, [])) throw 'the host no longer has the reply'
        return apply(bytes ? responseBytes : responseText, response, [])
      })
    } catch (error) {
      // A page can make promises that throw where they are used.
      return failed(error)
    }
    // Parsed outside of the chain's error handler, so that a failing callback is not taken for a failing fetch.
    then(body, body => {
      if (session !== token) return
      let value = body
      try {
        if (!bytes) value = parse(body)
      } catch (error) {
        return done(true, 'the reply is not JSON: ' + error.message + "; tell the plugin's author")
      }
      done(false, value)
    }, failed)
  }

  // Replies: a flat array of id, status, value.
  defineProperty(window, '__PLUGIN_HOST_DELIVER__', {
    value: (session, text) => {
      if (session !== token) return
      const replies = parse(text)
      for (let index = 0; index < replies.length; index += 3) {
        try {
          settle(replies[index], replies[index + 1], replies[index + 2])
        } catch (error) {
          // The page's own doing; it must not cost the replies behind it.
          complain(error)
        }
      }
    }
  })

  const api = { invoke, promisified, transformCallback, stream: makeStream(promisified) }
  const existing = window.__TAURI__ || {}
  const groups = makeGroups(api, events, makeNotification(promisified, invoke), label)
  for (const name of ownKeys(groups)) groups[name] = assign(existing[name] || {}, groups[name])
  window.__TAURI__ = assign(existing, api, groups)
  makeInternals(promisified, events.listen, label, complain)
  defineProperty(window, '__TAURI_INVOKE_HANDLER__', { value: invoke })

  // Names that belonged to the window before the page's scripts ran are never called as callbacks.
  const windowsOwn = create(null)
  for (const name of ownKeys(window)) if (typeof name === 'string') windowsOwn[name] = true

  watchMistakes(send)

  // A page that comes back from the browser's page cache begins anew: its old calls were answered, or never will be.
  window.addEventListener('pageshow', event => {
    if (!event.persisted) return
    const left = pending
    startSession()
    for (const id of ownKeys(left)) {
      if (left[id].done) left[id].done()
      left[id].reject('the page was left before the reply came')
    }
  })
  startSession()
})
