// A page that wants the permissions of windows with other names: `settings` and `notes` have some, and only `settings` has a page.
const { promisified, event, invoke } = window.__TAURI__
const report = (lines, ok) => invoke({ cmd: 'host/report', ok, lines })
const said = message => promisified(message).then(value => 'resolved with ' + JSON.stringify(value), String)

async function work() {
  if (window.__TAURI__.window.label !== 'main') return report(['FAILED: the first page is in the window ' + window.__TAURI__.window.label], false)
  const heard = new Promise(resolve => event.listen('said', ({ payload }) => resolve(payload), true))
  const lines = []
  let ok = true
  const expect = (got, part) => {
    const right = got.includes(part)
    ok = ok && right
    lines.push((right ? '' : 'FAILED: ') + got)
  }
  expect(await said({ cmd: 'ordinary/echo', value: 1 }), 'may not be called')
  expect(await said({ cmd: 'window/create', label: 'notes' }), '`notes = "PAGE.html"`')
  expect(await said({ cmd: 'window/create', label: 'notes', url: 'second.html' }), '[host.windows]')
  expect(await said({ cmd: 'window/create', label: 'settings', url: '/' }), 'shows second.html')
  expect(await said({ cmd: 'window/create', label: 'settings', url: 'second.html/../index.html' }), 'shows second.html')
  // What no name is asked for gets none that a permission speaks of.
  expect(await said({ cmd: 'window/create', url: 'second.html?third' }), 'resolved with "window-3"')
  expect(await heard, 'refused: ')
  const more = new Promise(resolve => event.listen('said', ({ payload }) => resolve(payload), true))
  expect(await said({ cmd: 'window/create', label: 'settings', url: 'second.html?tab=2' }), 'resolved')
  expect(await more, '?tab=2')
  // The name of the first window is no other page's, once it is free.
  await said({ cmd: 'window/close', window: 'settings' })
  expect(await said({ cmd: 'window/create', label: 'settings' }), 'resolved')
  report(lines, ok)
}
work().catch(error => report(['FAILED: ' + error], false))
