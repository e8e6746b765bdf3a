// What every part of the page needs: calls whose failure is seen, elements from text, and numbers for people.
const { promisified } = window.__TAURI__.tauri

export const byId = id => document.getElementById(id)

// An element with text in it. Text never becomes markup.
export function element(name, text, ...children) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}

// Calls a command for a section of the page. What goes wrong stands in that section until it goes right.
export async function ask(section, message) {
  const old = byId(section).querySelector('.wrong')
  try {
    const value = await promisified(message)
    if (old) old.remove()
    return value
  } catch (error) {
    const line = old || byId(section).appendChild(element('p'))
    line.className = 'wrong'
    line.textContent = error
    throw error
  }
}

// Runs `work` now and each `milliseconds`, unless it still runs or nobody looks.
export function repeat(milliseconds, work) {
  let running = false
  const turn = async () => {
    if (running || document.hidden) return
    running = true
    // The section tells it.
    await work().catch(() => {})
    running = false
  }
  setInterval(turn, milliseconds)
  turn()
}

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
export function bytes(count) {
  let unit = 0
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1024
    unit++
  }
  return `${count.toFixed(unit && count < 100 ? 1 : 0)} ${units[unit]}`
}

export const percent = value => value === null ? '–' : `${Math.round(value)} %`

export function duration(seconds) {
  const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60
  return days ? `${days} d ${hours} h` : hours ? `${hours} h ${minutes} min` : `${minutes} min`
}

// A bar with its name and value. `parts` is from 0 to 1.
export function meter(name, value, part) {
  const bar = element('progress')
  bar.max = 1
  bar.value = part
  bar.setAttribute('aria-label', name)
  const made = element('div', undefined, element('div', undefined, element('span', name), element('span', value)), bar)
  made.className = 'meter'
  made.title = `${name}: ${value}`
  return made
}
