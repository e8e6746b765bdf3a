// The built-in page: what is loaded, what is not and why, and what one can do about it. Follows the plugin folders.
const { promisified, invoke } = window.__TAURI__
const list = document.getElementById('list')
const news = document.getElementById('news')

function add(parent, tag, text = '', kind) {
  const element = document.createElement(tag)
  element.textContent = text
  if (kind) element.className = kind
  return parent.appendChild(element)
}

function button(parent, text, message) {
  const element = add(parent, 'button', text)
  element.addEventListener('click', async () => {
    element.disabled = true
    try {
      await promisified(message)
    } catch (error) {
      news.textContent = error
    }
    await show()
  })
}

function argumentsOf(command) {
  if (!command.arguments) return '(…)'
  return '(' + command.arguments.map(one => one.name + (one.optional ? '?' : '') + (one.kind ? ': ' + one.kind : '')).join(', ') + ')'
}

const healths = { starting: 'is being started', stuck: 'is stuck and about to be replaced', 'given-up': 'was given up', stopped: 'has ended' }

const sandboxes = { fully: ' and a sandbox', partly: ' and part of a sandbox', 'not-available': ' without the sandbox that this system does not have' }

// What is out of the ordinary about where a plugin runs, and how.
function showLane({ name, live }) {
  if (!live) return
  const { lane, stuck, restarts } = live
  if (lane.kind === 'isolated') {
    const again = restarts ? ', started again ' + restarts + (restarts > 1 ? ' times' : ' time') : ''
    add(list, 'div', 'in a process of its own' + (sandboxes[lane.sandbox] ?? '') + ', as ' + lane.because + again, 'lane')
    if (lane.lastDeath || healths[lane.health]) {
      const section = add(list, 'section')
      if (healths[lane.health]) add(section, 'p', 'Its process ' + healths[lane.health])
      if (lane.lastDeath) add(section, 'p', lane.lastDeath)
      if (lane.health === 'given-up') button(section, 'start it again', { cmd: 'host/retry', file: name })
    }
  }
  if (stuck) add(add(list, 'section'), 'p', stuck + (stuck > 1 ? ' calls do not return' : ' call does not return') + ', although nobody waits any more')
}

function showPlugin(plugin) {
  const title = add(list, 'h2', plugin.name)
  add(title, 'small', plugin.version + (plugin.generation > 1 ? ', generation ' + plugin.generation : ''))
  button(title, 'switch off', { cmd: 'host/disable', plugin: plugin.name })
  if (plugin.description) add(list, 'div', plugin.description)
  showLane(plugin)
  const table = add(list, 'table')
  for (const command of plugin.commands) {
    const row = add(table, 'tr')
    const cell = add(row, 'td')
    add(cell, 'code', command.name)
    cell.append(argumentsOf(command))
    add(row, 'td', (command.place === 'mainThread' ? 'main thread' : 'worker') + (command.internal ? ', internal' : command.dangerous ? ', dangerous' : ''))
    add(row, 'td', command.doc)
  }
  if (plugin.replacementRefused) add(add(list, 'section'), 'p', plugin.file + ' ' + plugin.replacementRefused + ' (the earlier version goes on serving)')
}

async function show() {
  const status = await promisified({ cmd: 'host/status' })
  list.textContent = ''
  if (!status.plugins.length) add(list, 'p', 'No plugin is loaded. Put plugin libraries into a plugin folder; the README tells where these are.')
  for (const crash of status.crashes) {
    const section = add(list, 'section')
    add(section, 'p', crash.sentence)
    if (crash.cause && status.plugins.some(plugin => plugin.name === crash.plugin)) button(section, 'switch ' + crash.plugin + ' off', { cmd: 'host/disable', plugin: crash.plugin })
  }
  status.plugins.forEach(showPlugin)
  for (const one of status.duplicates) add(list, 'p', one.cmd + ' belongs to ' + one.keptBy + '; the other is ' + one.also + '/' + one.cmd)
  for (const one of status.leftOut) {
    const section = add(list, 'section', '', 'left-out')
    add(section, 'p', one.file + ' ' + one.reason)
    if (one.disabled) button(section, 'switch on', { cmd: 'host/enable', plugin: one.name })
  }
  for (const one of status.refused) {
    const section = add(list, 'section')
    add(section, 'p', one.file + ' ' + one.reason)
    if (one.output) add(section, 'pre', one.output)
    button(section, 'try again', { cmd: 'host/retry', file: one.file })
  }
  return status
}

const words = { added: 'now serves', replaced: 'was replaced', removed: 'was removed', refused: 'was refused', leftOut: 'was left out' }
window.__TAURI__.event.listen('host/plugins', ({ payload }) => {
  news.textContent = (payload.name || payload.file) + ' ' + words[payload.kind]
  show()
})
window.__TAURI__.event.listen('host/trouble', ({ payload }) => {
  news.textContent = payload.sentence
  show()
})
show().then(async status => {
  // Whoever takes a picture at the report should see the plugins in it.
  for (let drawn = 0; drawn < 3; drawn++) await new Promise(resolve => requestAnimationFrame(resolve))
  invoke({ cmd: 'host/report', ok: true, lines: [status.plugins.length + ' plugins'] })
}).catch(error => { list.textContent = error })
