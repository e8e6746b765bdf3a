// A sentence below the list, about what could not be done to what is in it.
import { byId } from './parts.js'
import { tell } from './report.js'

const notice = byId('notice')

export function sayWrong(reason) {
  byId('notice-text').textContent = reason
  notice.hidden = false
  tell(`notice: ${reason}`)
}

export function sayNothing() {
  notice.hidden = true
}

byId('notice-close').onclick = () => {
  sayNothing()
  byId('list').focus()
}
