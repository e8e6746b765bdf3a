// The first window's page: sets properties, opens another window, talks with it and closes it.
const { promisified, event, invoke } = window.__TAURI__
const report = (lines, ok) => invoke({ cmd: 'host/report', ok, lines })
const lines = []
let ok = true
async function check(name, body) {
  try {
    const said = await body()
    if (said !== true) throw new Error('got ' + JSON.stringify(said))
    lines.push('passed: ' + name)
  } catch (error) {
    ok = false
    lines.push('FAILED: ' + name + ': ' + (error.message || error))
  }
}
const rejected = (message, part) => promisified(message).then(
  value => 'resolved with ' + JSON.stringify(value),
  error => error.includes(part) || error
)
// The next event of a name.
const next = name => new Promise(resolve => event.listen(name, ({ payload }) => resolve(payload), true))
const call = (cmd, rest) => promisified({ cmd: 'window/' + cmd, ...rest })

async function work() {
  invoke({ cmd: 'setTitle', title: 'The first\0 window' })
  await check('the size is set and told in logical pixels', async () => {
    const resized = new Promise(resolve => addEventListener('resize', resolve, { once: true }))
    await call('setSize', { width: 700, height: 500 })
    await resized
    const { width, height } = await call('size')
    return (width === 700 && height === 500 && innerWidth === 700) || [width, height, innerWidth]
  })
  await check('the others answer', async () => {
    await call('setPosition', { x: 10, y: 20 })
    await call('center')
    await call('setResizable', { resizable: true })
    await call('setAlwaysOnTop', { alwaysOnTop: false })
    await call('focus')
    const place = await call('position')
    return (typeof place.x === 'number' && await call('isFullscreen') === false && await call('isMaximized') === false) || place
  })
  await check('what does not fit is refused', async () => {
    const all = await Promise.all([
      rejected({ cmd: 'setTitle' }, 'missing field `title`'),
      rejected({ cmd: 'window/setSize', width: 'x', height: 1 }, 'does not fit'),
      rejected({ cmd: 'window/size', window: 'nobody' }, 'no window called `nobody`'),
      rejected({ cmd: 'window/create', url: 'https://example.com/' }, 'cannot show https://example.com/'),
      rejected({ cmd: 'window/create', url: 'data:text/html,x' }, 'cannot show'),
      rejected({ cmd: 'window/create', url: 'javascript:alert(1)' }, 'cannot show'),
      rejected({ cmd: 'window/create', label: 'a b' }, 'cannot be called'),
      rejected({ cmd: 'window/create', label: 'main' }, 'already'),
      rejected({ cmd: 'open', uri: 'file:///etc/passwd' }, 'not opened in the browser')
    ])
    return all.every(said => said === true) || all
  })
  const [ready, opened] = [next('ready'), next('host/windows')]
  await check('another window opens with a page of the frontend', async () => {
    const label = await call('create', { label: 'second', url: 'second.html?x=1#y', title: 'The second window', width: 400, height: 300 })
    return label === 'second' || label
  })
  // The first window goes on calling meanwhile.
  const own = Promise.all(Array.from({ length: 500 }, (_, value) => promisified({ cmd: 'echo', value: 'main ' + value })))
  await check('pages hear of it', async () => {
    const { label, kind } = await opened
    return (label === 'second' && kind === 'opened') || [label, kind]
  })
  await check('each page gets its own answers', async () => {
    const { right, address, size } = await ready
    const answers = await own
    return (right && answers.every((answer, value) => answer === 'main ' + value) &&
      address.endsWith('/second.html?x=1#y') && size.width === 400 && size.height === 300) || [right, address, size]
  })
  await check('an event for all pages comes to the other one, and one for some to those', async () => {
    const heard = []
    event.listen('leak', ({ payload }) => heard.push(payload))
    const [answer, mine] = [next('answer'), next('for-main-alone')]
    await promisified({ cmd: 'emit', event: 'for-main-alone', payload: 1, pages: ['main'] })
    await promisified({ cmd: 'emit', event: 'question', payload: { number: 7 }, pages: true })
    const { number, from } = await answer
    return (await mine === 1 && number === 7 && from === 'second' && heard.length === 0) || [number, from, heard]
  })
  await check('an event that is not for pages comes to none', async () => {
    let heard = false
    event.listen('for-plugins', () => { heard = true })
    await promisified({ cmd: 'emit', event: 'for-plugins' })
    await promisified({ cmd: 'emit', event: 'question', payload: {}, pages: true })
    await next('answer')
    return !heard
  })
  await check('the windows are listed, and one without a name gets one', async () => {
    const label = await call('create', { url: 'second.html' })
    const list = await call('list')
    const closed = next('host/windows')
    await call('close', { window: label })
    const told = await closed
    return (label === 'window-2' && String(list) === 'main,second,window-2' && told.label === label && told.kind === 'closed' &&
      String(await call('list')) === 'main,second') || [label, list, told]
  })
  event.listen('host/windows', async ({ payload }) => {
    report([`${payload.label} was ${payload.kind}; left: ${await call('list')}`], true)
  })
  report(lines, ok)
}
work().catch(error => report([...lines, 'FAILED: ' + error], false))
