// Decides when the machine is asked: as often as was chosen, not while it is paused, and not while nobody sees the page.
export class Clock {
  #work = []
  #timer = 0
  #interval
  #paused = false
  #hear

  // `hear` is told when the clock stops and when it goes on.
  constructor(interval, hear) {
    this.#interval = interval
    this.#hear = hear
    document.addEventListener('visibilitychange', () => this.#change())
  }

  // Does `work` each time, or each so many milliseconds where that is less often. Never twice at once.
  each(work, milliseconds = 0) {
    this.#work.push({ work, milliseconds, due: 0, busy: false })
  }

  get interval() {
    return this.#interval
  }

  set interval(milliseconds) {
    this.#interval = milliseconds
    this.#change()
  }

  get paused() {
    return this.#paused
  }

  set paused(paused) {
    this.#paused = paused
    this.#change()
  }

  get runs() {
    return !this.#paused && !document.hidden
  }

  start() {
    this.#change()
  }

  #change() {
    clearInterval(this.#timer)
    this.#timer = this.runs ? setInterval(() => this.#turn(), this.#interval) : 0
    this.#hear(this.runs)
    if (this.runs) this.#turn()
  }

  #turn() {
    const now = performance.now()
    for (const one of this.#work) {
      if (one.busy || now < one.due) continue
      // A little before, as timers are not that exact.
      one.due = now + one.milliseconds - 50
      one.busy = true
      // The section tells what went wrong.
      one.work().catch(() => {}).finally(() => { one.busy = false })
    }
  }
}
