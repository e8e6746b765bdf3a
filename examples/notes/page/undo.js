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
}

// Who points at it or has it focused needs it a little longer.
bar.onmouseenter = bar.onfocusin = () => clearTimeout(timer)
bar.onmouseleave = bar.onfocusout = () => { timer = setTimeout(hide, WHILE) }
