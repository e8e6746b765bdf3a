// What page authors import: the functions of `tauri/api/tauri`, streams and events, over the bridge that the host puts into the
// page.

const bridge = () => {
  if (!window.__TAURI__) throw new Error('this page does not run in Plugin Host')
  return window.__TAURI__
}

export const invoke = message => bridge().invoke(message)
export const promisified = (message, options) => bridge().promisified(message, options)
export const stream = (message, options) => bridge().stream(message, options)
export const transformCallback = (callback, once) => bridge().transformCallback(callback, once)
export const listen = (event, handler, once) => bridge().event.listen(event, handler, once)
export const unlisten = (event, handler) => bridge().event.unlisten(event, handler)
export const emit = (event, payload) => bridge().event.emit(event, payload)
