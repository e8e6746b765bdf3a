// The page's side of the bridge. Runs in the top frame before any script of the page, once for each load.
//
// Calls made in one turn leave as one message; replies arrive as data and settle promises by id. What the page may
// change later (JSON, Promise, Map, prototypes) is taken here first. The secret never leaves this closure: frames can
// post to the host too, and only those who know it are heard.
(function (secret, maxMessage, replyAddress) {
  'use strict'

  const { parse, stringify } = JSON
  const { apply, ownKeys, defineProperty, getOwnPropertyDescriptor } = Reflect
  const { assign, create } = Object
  const NativePromise = Promise
  const nativeThen = Promise.prototype.then
  const nativeFetch = window.fetch
  const responseText = Response.prototype.text
  const console = window.console
  const consoleError = console.error
  const crypto = window.crypto
  const ipc = window.ipc
  const post = ipc.postMessage
  const then = (promise, done, failed) => apply(nativeThen, promise, [done, failed])
  const nativeQueueMicrotask = window.queueMicrotask

  const FLUSH_EARLY = 1 << 20
  const MOST_MISTAKES = 100
  const VALUE = 0, ERROR = 1, LARGE = 2, INVOKE_ERROR = 3, EVENT = 4

  let token, nextId, pending, outgoing, scheduled
  function startSession() {
    const random = new Uint32Array(4)
    crypto.getRandomValues(random)
    token = '' + random[0] + '-' + random[1] + '-' + random[2] + '-' + random[3]
    nextId = 1
    pending = create(null)
    outgoing = ''
    scheduled = false
    send('h\n')
  }

  function send(lines) {
    apply(post, ipc, [secret + ' ' + token + '\n' + lines])
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
    let text
    try {
      text = stringify(extra ? assign(copyOf(message), message, extra) : message)
    } catch (error) {
      throw 'the message cannot be written as JSON: ' + (error && error.message || error)
    }
    if (typeof text !== 'string') throw 'the message is not an object; send { cmd: "name", … }'
    if (text.length > maxMessage) throw 'the message is too long: ' + text.length + ' characters, and ' + maxMessage + ' are allowed; pass large data in parts or by file'
    return text
  }

  function complain(text) {
    apply(consoleError, console, [text])
  }

  // Who listens to which event: an array for each name, replaced when it changes, so that one may change it in a handler.
  const listeners = create(null)
  function listen(event, handler, once) {
    if (typeof event !== 'string' || typeof handler !== 'function') throw new TypeError('listen takes the name of an event and a function')
    const entry = { handler, once: !!once }
    listeners[event] = [...(listeners[event] || []), entry]
    return () => forget(event, entry)
  }

  function forget(event, entry) {
    const left = []
    for (const other of listeners[event] || []) if (other !== entry) left[left.length] = other
    if (left.length) listeners[event] = left
    else delete listeners[event]
  }

  function dispatch(event) {
    for (const entry of listeners[event.type] || []) {
      if (entry.once) forget(event.type, entry)
      try {
        entry.handler(event)
      } catch (error) {
        complain(error)
      }
    }
  }

  // The hook of Tauri 0.x, and what its module calls `invoke`. Where the message names functions on the window as
  // `callback` and `error`, they are called with the reply.
  function invoke(message) {
    const { cmd, event, handler, once, callback, error } = message === null || typeof message !== 'object' ? {} : message
    // As its module asks for events.
    if (cmd === 'listen' && typeof handler === 'string') {
      return void listen(event, value => callByName(handler, value), once)
    }
    const answered = typeof callback === 'string' || typeof error === 'string'
    const entry = { resolve: value => callByName(callback, value), reject: reason => callByName(error, reason) }
    try {
      const text = textOf(message)
      const id = nextId++
      if (answered) pending[id] = entry
      enqueue(answered ? 'p' : 'i', id, text)
    } catch (reason) {
      if (answered) entry.reject(reason)
      else complain('invoke: ' + reason)
    }
  }

  function promisified(message) {
    return new NativePromise((resolve, reject) => {
      const id = nextId++
      try {
        const text = textOf(message, { callback: 'callback-' + id, error: 'error-' + id })
        pending[id] = { resolve, reject }
        enqueue('p', id, text)
      } catch (reason) {
        reject(reason)
      }
    })
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
    const random = new Uint32Array(4)
    crypto.getRandomValues(random)
    const name = 'callback-' + random[0] + '-' + random[1] + '-' + random[2] + '-' + random[3]
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
    if (!entry) return
    if (status === LARGE) {
      try {
        return fetchValue(id, value)
      } catch (error) {
        // A page can make promises that throw where they are used.
        return settle(id, ERROR, 'the reply could not be fetched: ' + error)
      }
    }
    delete pending[id]
    if (status === VALUE) entry.resolve(value)
    else entry.reject(value)
  }

  function fetchValue(id, number) {
    const session = token
    const text = then(nativeFetch(replyAddress + secret + '/' + session + '/' + number), response => {
      if (!response.ok) throw 'the host no longer has the reply'
      return apply(responseText, response, [])
    })
    // Parsed outside of the chain's error handler, so that a failing callback is not taken for a failing fetch.
    then(text, text => {
      if (session !== token) return
      let value
      try {
        value = parse(text)
      } catch (error) {
        return settle(id, ERROR, 'the reply is not JSON: ' + error.message + "; tell the plugin's author")
      }
      settle(id, VALUE, value)
    }, error => {
      if (session === token) settle(id, ERROR, 'the reply could not be fetched: ' + error)
    })
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

  const api = { invoke, promisified, transformCallback }
  const existing = window.__TAURI__ || {}
  window.__TAURI__ = assign(existing, api, {
    tauri: assign(existing.tauri || {}, api),
    event: assign(existing.event || {}, { listen })
  })
  defineProperty(window, '__TAURI_INVOKE_HANDLER__', { value: invoke })

  // Names that belonged to the window before the page's scripts ran are never called as callbacks.
  const windowsOwn = create(null)
  for (const name of ownKeys(window)) if (typeof name === 'string') windowsOwn[name] = true

  // What goes wrong in the page and nobody catches is told to the host, whose log can be read without developer tools.
  let mistakes = 0
  function tell(text) {
    if (++mistakes > MOST_MISTAKES) return
    send('e0 ' + stringify('' + text) + '\n')
  }
  window.addEventListener('error', event => {
    // Captured, because what cannot be loaded does not bubble.
    const { target } = event
    if (target && target !== window) {
      const source = target.src || target.href
      if (source && (target.tagName === 'SCRIPT' || target.tagName === 'LINK')) tell('cannot load ' + source)
    } else {
      tell(event.message + (event.filename ? ', at ' + event.filename + ':' + event.lineno : ''))
    }
  }, true)
  window.addEventListener('unhandledrejection', event => {
    const { reason } = event
    tell('a promise was rejected and nobody caught it: ' + (reason && reason.message || reason))
  })

  // A page that comes back from the browser's page cache begins anew: its old calls were answered, or never will be.
  window.addEventListener('pageshow', event => {
    if (!event.persisted) return
    const left = pending
    startSession()
    for (const id of ownKeys(left)) left[id].reject('the page was left before the reply came')
  })
  startSession()
})
