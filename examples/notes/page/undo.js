// A deletion that can be taken back for a while.
import { byId } from './parts.js'

const WHILE = 10_000
const [bar, text, button] = ['undo', 'undo-text', 'undo-button'].map(byId)
let timer = 0

export function hide() {
  clearTimeout(timer)
  bar.hidden = true
}

// Offers to take back what the sentence says. Another one takes its place.
export function offer(sentence, takeBack) {
  hide()
  text.textContent = sentence
  button.onclick = () => {
    hide()
    takeBack()
  }
  bar.hidden = false
  timer = setTimeout(hide, WHILE)
  // What was focused is gone.
  button.focus()
}

// Who points at it, or has it focused, needs it a little longer.
const hold = () => clearTimeout(timer)
const release = () => {
  clearTimeout(timer)
  timer = setTimeout(hide, WHILE)
}
for (const [kind, hear] of [['mouseenter', hold], ['focusin', hold], ['mouseleave', release], ['focusout', release]]) bar.addEventListener(kind, hear)
