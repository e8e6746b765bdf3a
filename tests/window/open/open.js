await window.__TAURI__.promisified({ cmd: 'echo', value: 1 })
window.__TAURI__.invoke({ cmd: 'host/report', ok: true, lines: [] })
