// The page: draws the machine while it runs, and keeps notes.
import { check } from './check.js'
import { disks, machine, measured, memory, processors } from './meters.js'
import { notes, welcome } from './notes.js'
import { ask, byId, element, repeat } from './parts.js'
import { processes, remembered } from './processes.js'

async function host() {
  const status = await ask('host', { cmd: 'host/status' })
  const commands = status.plugins.reduce((count, plugin) => count + plugin.commands.length, 0)
  const lines = [`${status.plugins.length} plugins, ${commands} commands`, ...status.plugins.map(plugin => `${plugin.name} ${plugin.version}`)]
  byId('host').replaceChildren(...lines.map(line => element('span', line)))
  for (const refused of status.refused) {
    const line = byId('host').appendChild(element('span', `${refused.file} ${refused.reason}`))
    line.className = 'wrong'
  }
}

// What a section could not do stands in that section.
const quietly = work => work.catch(() => {})

const MEASUREMENTS_TO_SHOW = 4
let show
const seen = new Promise(resolve => { show = resolve })

repeat(1000, async () => {
  try {
    await Promise.all([processors(), memory()])
  } catch (error) {
    // There will be nothing to wait for.
    show()
    throw error
  }
  if (measured() >= MEASUREMENTS_TO_SHOW) show()
})
repeat(10000, disks)
repeat(60000, machine)
quietly(host())
quietly(welcome().then(notes))
quietly(remembered()).then(() => repeat(2000, processes))
check(seen)
