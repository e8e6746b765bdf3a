// What page authors import: the three functions of `tauri/api/tauri` and events, over the bridge that the host puts into the
// page.

const bridge = () => {
  if (!window.__TAURI__) throw new Error('this page does not run in Plugin Host')
  return window.__TAURI__
}

export const invoke = message => bridge().invoke(message)
export const promisified = message => bridge().promisified(message)
export const transformCallback = (callback, once) => bridge().transformCallback(callback, once)
export const listen = (event, handler, once) => bridge().event.listen(event, handler, once)
