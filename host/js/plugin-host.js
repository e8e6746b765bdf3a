// What page authors import: the functions of `tauri/api/tauri`, streams, events and the groups of functions over standard plugins, all
// of the bridge that the host puts into the page.

const bridge = () => {
  if (!window.__TAURI__) throw new Error('this page does not run in Plugin Host')
  return window.__TAURI__
}

export const invoke = message => bridge().invoke(message)
export const promisified = (message, options) => bridge().promisified(message, options)
export const stream = (message, options) => bridge().stream(message, options)
export const transformCallback = (callback, once) => bridge().transformCallback(callback, once)
export const listen = (event, handler, once) => bridge().event.listen(event, handler, once)
export const once = (event, handler) => bridge().event.once(event, handler)
export const unlisten = (event, handler) => bridge().event.unlisten(event, handler)
export const emit = (event, payload, options) => bridge().event.emit(event, payload, options)

// Looked up when something of it is used: the module may be loaded where there is no bridge, as by a test.
const group = name => new Proxy({}, { get: (_, member) => bridge()[name][member], has: (_, member) => member in bridge()[name] })

export const fs = group('fs')
export const path = group('path')
export const dialog = group('dialog')
export const http = group('http')
export const notification = group('notification')
export const process = group('process')
export const appWindow = group('window')
export const cli = group('cli')
export const clipboard = group('clipboard')
export const store = group('store')
export const log = group('log')
