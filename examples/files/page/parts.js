// What every part of the page needs: elements from text, and numbers and times for people.

export const byId = id => document.getElementById(id)

// An element with text in it. Text never becomes markup.
export function element(name, text, ...children) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}

const SVG = 'http://www.w3.org/2000/svg'
export function icon(name, ...classes) {
  const made = document.createElementNS(SVG, 'svg')
  made.setAttribute('aria-hidden', 'true')
  made.classList.add('icon', name, ...classes)
  made.append(document.createElementNS(SVG, 'use'))
  made.firstChild.setAttribute('href', '#icon-' + name)
  return made
}

// Resolves when what has been changed is on the screen.
export async function drawn() {
  for (let frames = 0; frames < 2; frames++) await new Promise(requestAnimationFrame)
}

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']
export function bytes(count) {
  let unit = 0
  while (count >= 1000 && unit < units.length - 1) {
    count /= 1000
    unit++
  }
  return `${count.toFixed(unit && count < 100 ? 1 : 0)} ${units[unit]}`
}

const number = new Intl.NumberFormat('en')
export const counted = (count, one, many = one + 's') => `${number.format(count)} ${count === 1 ? one : many}`

const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' })
const minute = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' })
const HALF_A_YEAR = 182 * 86400e3
export function time(milliseconds) {
  if (milliseconds === null) return ''
  return (Math.abs(Date.now() - milliseconds) < HALF_A_YEAR ? minute : day).format(milliseconds)
}

export function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  return seconds < 3600 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`
}
