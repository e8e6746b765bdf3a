await window.__TAURI__.promisified({ cmd: 'mark', name: 'the other page' })
await window.__TAURI__.promisified({ cmd: 'open' })
history.back()
