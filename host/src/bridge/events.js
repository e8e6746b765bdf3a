// Who in the page listens to which event, and how the page tells of its own, over `invoke`. Whether a page may hear events is the
// host's business.
((invoke, complain) => {
  'use strict'

  // An array for each name, replaced when it changes, so that one may change it in a handler.
  const listeners = Object.create(null)

  function listen(event, handler, once) {
    if (typeof event !== 'string' || typeof handler !== 'function') throw new TypeError('listen takes the name of an event and a function')
    const entry = { handler, once: !!once }
    listeners[event] = [...(listeners[event] || []), entry]
    return () => forget(event, entry)
  }

  const once = (event, handler) => listen(event, handler, true)

  function unlisten(event, handler) {
    for (const entry of listeners[event] || []) if (entry.handler === handler) forget(event, entry)
  }

  // To the plugins, as in Tauri 0.x; with `pages` to the pages of all windows as well (true), or of some (their names).
  const emit = (event, payload, { pages } = {}) => invoke({ cmd: 'emit', event, payload, pages })

  function forget(event, entry) {
    const left = []
    for (const other of listeners[event] || []) if (other !== entry) left[left.length] = other
    if (left.length) listeners[event] = left
    else delete listeners[event]
  }

  // Gives an event to those who listen; one that fails costs the others nothing.
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

  return { listen, once, unlisten, emit, dispatch }
})
