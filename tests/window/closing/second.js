// A page that tells the first window that it is there, and leaves calls open.
const { promisified, window: own } = window.__TAURI__
promisified({ cmd: 'emit', event: 'ready', payload: own.label, pages: ['main'] })
promisified({ cmd: 'host/watch' })
