// Calls the plugin's command, and again whenever another version serves; reports each answer.
const { invoke, promisified } = window.__TAURI__
const greet = () => promisified({ cmd: 'hotReloadGreet', name: 'World' })
  .then(({ text, count }) => invoke({ cmd: 'host/report', ok: true, lines: [`${text} ${count}`] }))
  .catch(error => invoke({ cmd: 'host/report', ok: false, lines: [error] }))
window.__TAURI__.event.listen('host/plugins', greet)
greet()
