// What every part of the page needs: elements, times for people, and what to do a little later.
export const byId = id => document.getElementById(id)

// An element with text in it. Text never becomes markup.
export function element(name, text, ...children) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  made.append(...children)
  return made
}

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' })
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' })
export const inFull = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' })

// Short for what is near: the time of today, the day of this year.
export function when(milliseconds) {
  const then = new Date(milliseconds), now = new Date()
  if (then.toDateString() === now.toDateString()) return clock.format(then)
  return (then.getFullYear() === now.getFullYear() ? day : whole).format(then)
}

export const several = (count, one, many) => `${count} ${count === 1 ? one : many}`

// A function that does `work` when it has not been called for so long; `now` does what is due at once.
export function later(milliseconds, work) {
  let timer = 0
  const due = () => {
    timer = 0
    return work()
  }
  const call = () => {
    clearTimeout(timer)
    timer = setTimeout(due, milliseconds)
  }
  call.now = () => {
    if (!timer) return
    clearTimeout(timer)
    return due()
  }
  return call
}
