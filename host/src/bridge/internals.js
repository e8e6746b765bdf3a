// What the pages of later Tauris find: `window.__TAURI_INTERNALS__`, which `@tauri-apps/api` 2 is made on. A call becomes a message like any
// other, events are those of `listen` and `emit`, and a channel gets what `promisified` calls values and progress.
//
// It is the way of calling that is the same, and not the commands: those of the later Tauri's own plugins are nobody's here.
((promisified, listen, label, complain) => {
  'use strict'

  const TO_IPC = '__TAURI_TO_IPC_KEY__', CHANNEL = '__CHANNEL__:', PLUGIN = 'plugin:'
  const { apply } = Reflect
  const { create, keys, fromEntries, defineProperty } = Object
  const { parse, stringify } = JSON
  const { isArray, from } = Array
  const { isView } = ArrayBuffer
  const NativeArrayBuffer = ArrayBuffer, NativeMap = Map, Bytes = Uint8Array
  const { get, set, delete: remove } = Map.prototype
  const { startsWith, indexOf, slice } = String.prototype

  const callbacks = new NativeMap()
  let lastCallback = 0
  const known = id => apply(get, callbacks, [id])

  function transformCallback(callback, once) {
    const id = ++lastCallback
    apply(set, callbacks, [id, data => {
      if (once) unregisterCallback(id)
      return callback && callback(data)
    }])
    return id
  }

  function unregisterCallback(id) {
    apply(remove, callbacks, [id])
  }

  function runCallback(id, data) {
    const callback = known(id)
    if (!callback) return complain('no callback ' + id + ' to give something to; it was unregistered, or transformCallback has not named it')
    try {
      callback(data)
    } catch (error) {
      complain(error)
    }
  }

  // What a value says that it is for the host, if it does.
  const said = value => {
    const own = (typeof value === 'object' && value !== null || typeof value === 'function') && value[TO_IPC]
    return typeof own === 'function' ? { value: apply(own, value, []) } : null
  }
  const channelOf = said => said && typeof said.value === 'string' && apply(startsWith, said.value, [CHANNEL])
    ? +apply(slice, said.value, [CHANNEL.length])
    : 0
  const isBytes = value => isView(value) || value instanceof NativeArrayBuffer

  // Whether JSON alone would write the value otherwise than the module's pages expect.
  function isSpecial(value) {
    if (typeof value !== 'object' || value === null) return typeof value === 'function' && !!said(value)
    if (isBytes(value) || value instanceof NativeMap || typeof value[TO_IPC] === 'function') return true
    for (const key in value) if (isSpecial(value[key])) return true
    return false
  }

  // A value as JSON can write it: bytes as numbers, maps as objects, and what says itself what it is, as that.
  function plain(value) {
    try {
      if (!isSpecial(value)) return value
    } catch (error) {
      // One that holds itself; who writes the message says so.
      return value
    }
    const text = stringify({ value }, function (key, written) {
      const value = this[key]
      const own = said(value)
      if (channelOf(own)) throw 'a channel is an argument of its own, and not a part of another one'
      if (own) return own.value
      if (value instanceof NativeMap) return fromEntries(value)
      if (isBytes(value)) return from(isView(value) ? new Bytes(value.buffer, value.byteOffset, value.byteLength) : new Bytes(value))
      return typeof written === 'bigint' ? '' + written : written
    })
    return parse(text).value
  }

  // Gives values to a channel, in the form in which it puts them in order.
  function teller(id) {
    let index = 0
    return {
      tell: message => runCallback(id, { index: index++, message }),
      end: () => runCallback(id, { index, end: true })
    }
  }

  // The message of a call, and the channels among its arguments.
  function messageOf(cmd, args) {
    if (typeof args !== 'object' || args === null) throw 'the arguments of a command are an object: invoke("name", { argument: value })'
    if (isArray(args) || isBytes(args)) throw 'a command takes no body without a name: call it with { data: bytes }, and `data: Bytes` gets them'
    const message = { __proto__: null, cmd }
    let values = 0, valuesName = '', progress = 0
    for (const name of keys(args)) {
      if (name === 'cmd' || name === 'callback' || name === 'error') {
        throw 'an argument cannot be called `' + name + '`, as that is a part of every message; give it another name, here and in the plugin'
      }
      const own = said(args[name])
      const channel = channelOf(own)
      if (channel && name === 'onProgress') {
        progress = channel
      } else if (channel && values) {
        throw 'a command sends its values one way, and `' + valuesName + '` and `' + name + '` are both channels; the one for progress is called `onProgress`'
      } else if (channel) {
        values = channel
        valuesName = name
      } else {
        message[name] = own ? plain(own.value) : isBytes(args[name]) ? args[name] : plain(args[name])
      }
    }
    return { message, values, progress }
  }

  // `plugin:name|command` as the host knows it.
  function named(cmd) {
    const bar = apply(startsWith, cmd, [PLUGIN]) ? apply(indexOf, cmd, ['|']) : -1
    return bar < 0 ? cmd : apply(slice, cmd, [PLUGIN.length, bar]) + '/' + apply(slice, cmd, [bar + 1])
  }

  async function invoke(cmd, args = {}, options) {
    if (typeof cmd !== 'string') throw 'the name of a command is a string'
    if (options && options.headers) throw 'a call has no headers here; pass what they would say as an argument'
    const own = ofEvents[cmd]
    if (own) return own(args)
    const { message, values, progress } = messageOf(named(cmd), args)
    if (!values && !progress) return promisified(message)
    const ofValues = values ? teller(values) : null, ofProgress = progress ? teller(progress) : null
    try {
      return await promisified(message, {
        onValue: ofValues ? ofValues.tell : undefined,
        onProgress: ofProgress ? ofProgress.tell : undefined
      })
    } finally {
      if (ofValues) ofValues.end()
      if (ofProgress) ofProgress.end()
    }
  }

  // What was listened to, by the number that the page got for it.
  const heard = create(null)
  let lastListener = 0

  function unregisterListener(event, id) {
    const entry = heard[id]
    if (!entry || entry.event !== event) return
    delete heard[id]
    entry.stop()
    unregisterCallback(entry.handler)
  }

  const emit = (event, payload, pages) => promisified({ cmd: 'emit', event, payload: plain(payload), pages })

  const ofEvents = {
    __proto__: null,
    'plugin:event|listen': ({ event, target, handler }) => {
      const other = target && target.label
      if (other !== undefined && other !== null && other !== label) {
        throw 'a page hears the events of its own window, `' + label + '`, and no others; listen in the page of `' + other + '`'
      }
      if (!known(handler)) throw 'a listener is a function that transformCallback has named'
      const id = ++lastListener
      heard[id] = { event, handler, stop: listen(event, ({ payload }) => runCallback(handler, { event, id, payload })) }
      return id
    },
    'plugin:event|unlisten': ({ event, eventId }) => unregisterListener(event, eventId),
    'plugin:event|emit': ({ event, payload }) => emit(event, payload, true),
    'plugin:event|emit_to': ({ event, payload, target }) => {
      const { kind, label } = typeof target === 'string' ? { kind: 'AnyLabel', label: target } : target || {}
      if (typeof label === 'string') return emit(event, payload, [label])
      // The application is no window: only plugins hear what is for it.
      return emit(event, payload, kind === 'App' ? [] : true)
    }
  }

  const define = (name, value) => defineProperty(window, name, { configurable: true, enumerable: true, writable: true, value })
  define('__TAURI_INTERNALS__', {
    invoke,
    transformCallback,
    unregisterCallback,
    runCallback,
    callbacks,
    convertFileSrc: () => {
      throw new Error('there are no addresses for files here: read the file by a command that answers with bytes')
    },
    metadata: { currentWindow: { label }, currentWebview: { windowLabel: label, label } },
    plugins: {}
  })
  define('__TAURI_EVENT_PLUGIN_INTERNALS__', { unregisterListener })
  // What the module's `isTauri` asks for.
  define('isTauri', true)
})
