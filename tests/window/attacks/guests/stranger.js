// In the window, but of no origin that has a secret.
const has = ['__TAURI__', '__TAURI_INVOKE_HANDLER__', '__PLUGIN_HOST_DELIVER__'].filter(name => window[name] !== undefined)
window.webkit.messageHandlers.ipc.postMessage('x 1-2-3-4\ni1 {"cmd":"counting/strike"}\n')
await fetch('plugin-host://localhost/.calls', { method: 'POST', mode: 'no-cors', body: 'x 1-2-3-4\np1 {"cmd":"counting/strike"}\n0\n' }).catch(() => {})
location.href = new URL(location.href).searchParams.get('back') + '?stranger=' + encodeURIComponent('has [' + has + ']')
