// The group `notification`, and `window.Notification` as the script of Tauri 0.x defined it, over commands. Its npm module calls the
// one through the other.
//
// Nothing is asked before the page wants to know: where a page may not call these commands, each load of it would be a denial in the
// host's log.
((promisified, invoke) => {
  'use strict'

  const { assign, defineProperty } = Object

  // 'default' until somebody has said something.
  let permission = 'default'

  async function isPermissionGranted() {
    if (permission !== 'default') return permission === 'granted'
    const granted = await promisified({ cmd: 'isNotificationPermissionGranted' })
    if (typeof granted === 'boolean') permission = granted ? 'granted' : 'denied'
    return granted
  }

  async function requestPermission() {
    permission = await promisified({ cmd: 'requestNotificationPermission' })
    return permission
  }

  class Notification {
    static get permission() {
      return permission
    }

    static requestPermission() {
      return requestPermission()
    }

    constructor(title, options) {
      // Nobody can wait for what a constructor does: whether it may be shown the plugin knows, and what is wrong is in the log.
      invoke({ cmd: 'notification', options: assign({}, options, { title }) })
    }
  }

  function sendNotification(options) {
    if (typeof options === 'string') new Notification(options)
    else new Notification(options.title, options)
  }

  defineProperty(window, 'Notification', { configurable: true, writable: true, value: Notification })
  return { sendNotification, requestPermission, isPermissionGranted }
})
