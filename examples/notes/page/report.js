// Tells what the page does, for those who run it without looking (`plugin-host run --report`); the host forgets it otherwise.
const { invoke } = window.__TAURI__
let waiting = []

export function told(line, ok = true) {
  if (waiting) waiting.push(line)
  else invoke({ cmd: 'host/report', ok, lines: [line] })
}

// There is something to see. What was told before comes now, as whoever takes a picture at the first report should see the page.
export async function shown(ok, line) {
  for (let drawn = 0; drawn < 3; drawn++) await new Promise(resolve => requestAnimationFrame(resolve))
  invoke({ cmd: 'host/report', ok, lines: [...waiting, line] })
  waiting = null
}
