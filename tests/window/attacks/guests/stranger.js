// In the window, but of no origin that has a secret.
const has = ['__TAURI__', '__TAURI_INVOKE_HANDLER__'].filter(name => window[name] !== undefined)
// What is ready for the page before it would come by this name.
const listen = (...given) => has.push(given)
try { window.__PLUGIN_HOST_DELIVER__ = listen } catch (error) { /* it is not its own */ }
try { Object.defineProperty(window, '__PLUGIN_HOST_DELIVER__', { value: listen }) } catch (error) { /* nor this way */ }
try { delete window.__PLUGIN_HOST_DELIVER__ } catch (error) { /* nor this way */ }
try { Object.defineProperty(Window.prototype, '__PLUGIN_HOST_DELIVER__', { value: listen }) } catch (error) { /* nor this way */ }
window.webkit.messageHandlers.ipc.postMessage('x 1-2-3-4\ni1 {"cmd":"counting/strike"}\n')
await fetch('plugin-host-calls://localhost/', { method: 'POST', mode: 'no-cors', body: 'x 1-2-3-4\np1 {"cmd":"counting/strike"}\n0\n' }).catch(() => {})
await new Promise(resolve => setTimeout(resolve, 800))
location.href = new URL(location.href).searchParams.get('back') + '?stranger=' + encodeURIComponent('has [' + has + ']')
