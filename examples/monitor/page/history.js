// What was measured in the last minutes, in order of time. What is older is dropped, whatever else happens.
export const KEPT = 300_000
// Twice a second for that long, with what comes before the left edge.
const MOST = 640

export class History {
  #samples = []
  // How many have ever come.
  count = 0

  // `values` has one number for each line, or null where there is none.
  push(at, values) {
    this.#samples.push({ at, values })
    this.count++
    while (this.#samples.length > MOST || this.#samples[1]?.at < at - KEPT) this.#samples.shift()
  }

  // Nothing was measured for a while: what comes next is not joined to what was before.
  interrupt() {
    const last = this.#samples.at(-1)
    if (last?.values) this.#samples.push({ at: last.at, values: null })
  }

  get last() {
    return this.#samples.findLast(({ values }) => values)?.values
  }

  // The samples since a time, with the one before: a line comes in from there.
  since(time) {
    const first = this.#samples.findIndex(({ at }) => at >= time)
    return first < 0 ? this.#samples.slice(-1) : this.#samples.slice(Math.max(first - 1, 0))
  }

  // The highest value since a time.
  highest(time) {
    return this.since(time).reduce((most, { values }) => Math.max(most, ...values || []), 0)
  }
}
