// Moves the charts: each time they would be seen to move, and not while nothing goes on.
const still = matchMedia('(prefers-reduced-motion: reduce)')

// `now()` is the right edge's time, `span()` how much is shown, `charts()` what is drawn.
export class Film {
  #parts
  #drawn = -Infinity
  #runs = false
  #frame = 0

  constructor(parts) {
    this.#parts = parts
    addEventListener('resize', () => this.draw())
    // Colours are the style sheet's.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const chart of parts.charts()) chart.repaint()
      this.draw()
    })
  }

  // Draws now, whatever has been drawn.
  draw() {
    const { now, span, charts } = this.#parts
    this.#drawn = now()
    for (const chart of charts()) chart.draw(this.#drawn, span())
  }

  // Lets the charts move, or stand still.
  set runs(runs) {
    this.#runs = runs
    if (runs && !this.#frame) this.#next()
  }

  #next() {
    this.#frame = requestAnimationFrame(() => {
      this.#frame = 0
      if (!this.#runs) return
      const { now, span, charts } = this.#parts
      const pixel = Math.max(...charts().slice(0, 3).map(chart => chart.pixelMilliseconds(span())), 30)
      if (now() - this.#drawn >= (still.matches ? 1000 : pixel)) this.draw()
      this.#next()
    })
  }
}
