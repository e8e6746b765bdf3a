// Draws a history as lines over time on a canvas, with a scale. Measures nothing.
import { lines } from './units.js'

const BELOW = 18, ABOVE = 7
const AGO = { 60000: [60, 40, 20, 0], 120000: [120, 80, 40, 0], 300000: [300, 200, 100, 0] }

// The colours are those of the style sheet, in light and dark.
function colours(canvas) {
  const style = getComputedStyle(canvas)
  const of = name => style.getPropertyValue(`--${name}`).trim()
  return { quiet: of('quiet'), grid: of('grid'), lines: [of('first'), of('second')], font: style.fontFamily }
}

// `top(since)` is where the scale ends, `format` writes a value, `binary` scales count in powers of two; `left` is
// the room for what is written; `bare` has no scale at all.
export class Chart {
  #canvas
  #history
  #options
  #colours
  #context

  constructor(canvas, history, options) {
    this.#canvas = canvas
    this.#history = history
    this.#options = options
    this.#context = canvas.getContext('2d')
    this.repaint()
  }

  // The colours have changed.
  repaint() {
    this.#colours = colours(this.#canvas)
  }

  // What a screen reader says of it.
  describe(sentence) {
    this.#canvas.setAttribute('aria-label', sentence)
  }

  // So that a moment is a whole number of these apart when it is seen to move.
  pixelMilliseconds(span) {
    return span / Math.max(this.#canvas.clientWidth * devicePixelRatio, 1)
  }

  // Draws what was until `until`, which is the right edge, over `span` milliseconds.
  draw(until, span) {
    const { clientWidth: width, clientHeight: height } = this.#canvas
    if (!width || !height) return
    const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)]
    // Setting them empties the canvas and costs memory, so only when they change.
    if (this.#canvas.width !== wide || this.#canvas.height !== high) Object.assign(this.#canvas, { width: wide, height: high })
    const context = this.#context
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    context.clearRect(0, 0, width, height)
    const { bare, left, top } = this.#options
    const area = bare ? { x: 0, y: 1, width, height: height - 2 } : { x: left, y: ABOVE, width: width - left, height: height - ABOVE - BELOW }
    const max = top(until - span)
    this.#scale(area, max, span, bare)
    context.save()
    context.beginPath()
    context.rect(area.x, 0, area.width, height)
    context.clip()
    const samples = this.#history.since(until - span)
    const x = at => area.x + area.width * (1 - (until - at) / span)
    const y = value => area.y + area.height * (1 - Math.min(Math.max(value / max, 0), 1))
    // The first line lies above the others.
    for (let line = this.#colours.lines.length - 1; line >= 0; line--) this.#line(samples, line, x, y, area)
    context.restore()
  }

  #scale(area, max, span, bare) {
    const context = this.#context
    const { grid, quiet, font } = this.#colours
    context.lineWidth = 1
    context.strokeStyle = grid
    const rule = (fromX, fromY, toX, toY) => {
      context.beginPath()
      context.moveTo(fromX, fromY)
      context.lineTo(toX, toY)
      context.stroke()
    }
    const edge = Math.round(area.y + area.height) - .5
    if (bare) return rule(area.x, edge, area.x + area.width, edge)
    context.fillStyle = quiet
    context.font = `11px ${font}`
    context.textBaseline = 'middle'
    context.textAlign = 'right'
    const { format, binary } = this.#options
    for (const value of lines(max, 4, binary)) {
      // On whole pixels, where a thin line is sharp.
      const y = Math.round(area.y + area.height * (1 - value / max)) - .5
      rule(area.x, y, area.x + area.width, y)
      context.fillText(value ? format(value).replace('.0 ', ' ') : '0', area.x - 8, y)
    }
    context.textBaseline = 'bottom'
    for (const ago of AGO[span]) {
      const place = 1 - ago * 1000 / span
      context.textAlign = place === 0 ? 'left' : place === 1 ? 'right' : 'center'
      const text = ago === 0 ? 'now' : ago % 60 === 0 && ago > 60 ? `−${ago / 60} min` : `−${ago} s`
      context.fillText(text, area.x + area.width * place, area.y + area.height + BELOW)
    }
  }

  #line(samples, line, x, y, area) {
    const context = this.#context
    const runs = [[]]
    for (const { at, values } of samples) {
      const value = values?.[line]
      if (value === undefined || value === null) runs.push([])
      else runs.at(-1).push([x(at), y(value)])
    }
    context.strokeStyle = context.fillStyle = this.#colours.lines[line]
    context.lineWidth = 1.5
    context.lineJoin = 'round'
    for (const run of runs.filter(run => run.length)) {
      const path = new Path2D()
      run.forEach(([px, py], index) => index ? path.lineTo(px, py) : path.moveTo(px, py))
      context.stroke(path)
      path.lineTo(run.at(-1)[0], area.y + area.height)
      path.lineTo(run[0][0], area.y + area.height)
      context.globalAlpha = line ? .05 : .12
      context.fill(path)
      context.globalAlpha = 1
    }
  }
}
