// Tells whoever runs the page unwatched (`--report`) what happens in it. Without that the host forgets what it is told here.
const { invoke } = window.__TAURI__

let waiting = []

export function tell(line) {
  if (waiting) waiting.push(line)
  else invoke({ cmd: 'host/report', ok: true, lines: [line] })
}

// The first report comes with the first screen: whoever takes a picture at it should see the page as it is drawn.
export function begun(ok) {
  if (!waiting) return
  invoke({ cmd: 'host/report', ok, lines: waiting })
  waiting = null
}
