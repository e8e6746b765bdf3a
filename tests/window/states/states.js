// Brings its window into each state that a window manager knows, and waits for what comes of it.
const { promisified, invoke } = window.__TAURI__
const call = (cmd, rest) => promisified({ cmd: 'window/' + cmd, ...rest })
const lines = []
// The next size of the page that fits.
const sized = fits => new Promise(resolve => {
  const look = () => {
    if (!fits(innerWidth, innerHeight)) return
    removeEventListener('resize', look)
    resolve()
  }
  addEventListener('resize', look)
})

async function work() {
  const small = (width, height) => width === 600 && height === 400
  // Seen before it goes on: a window manager goes back to the size that it knows of.
  const smaller = sized(small)
  await call('setSize', { width: 600, height: 400 })
  await smaller
  const step = async (name, cmd, rest, fits, question, answer) => {
    const changed = sized(fits)
    await call(cmd, rest)
    await changed
    const said = question ? await call(question) : answer
    if (said !== answer) throw new Error(`${name}: ${question} answered ${said}`)
    lines.push(`${name}: ${innerWidth} x ${innerHeight}`)
  }
  const whole = (width, height) => width === screen.width && height === screen.height
  const most = (width, height) => width === screen.width && height > 800 && height < screen.height
  await step('full screen', 'setFullscreen', { fullscreen: true }, whole, 'isFullscreen', true)
  await step('a window again', 'setFullscreen', { fullscreen: false }, small, 'isFullscreen', false)
  await step('as large as it can be', 'maximize', {}, most, 'isMaximized', true)
  await step('as before', 'unmaximize', {}, small, 'isMaximized', false)
  invoke({ cmd: 'host/report', ok: true, lines: [...lines, 'now it goes'] })
  await call('minimize')
}
work().catch(error => invoke({ cmd: 'host/report', ok: false, lines: [...lines, '' + error] }))
