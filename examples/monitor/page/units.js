// Numbers for people, and the steps of a scale. Knows nothing of the page.
const BYTES = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']

export function bytes(count) {
  let unit = 0
  while (count >= 1000 && unit < BYTES.length - 1) {
    count /= 1024
    unit++
  }
  return `${count.toFixed(unit && count < 99.95 ? 1 : 0)} ${BYTES[unit]}`
}

export const perSecond = count => `${bytes(count)}/s`
export const percent = value => value === null ? '–' : `${Math.round(value)} %`

export function duration(seconds) {
  const days = Math.floor(seconds / 86400), hours = Math.floor(seconds / 3600) % 24, minutes = Math.floor(seconds / 60) % 60
  return days ? `${days} d ${hours} h` : hours ? `${hours} h ${minutes} min` : minutes ? `${minutes} min` : `${Math.floor(seconds)} s`
}

// The smallest round step that is at least `rough`: 1, 2, 2.5 or 5 with zeros, where a unit has 10 of the one below; powers of two where
// it has 1024, as then a round number of one unit is no round number of the next.
export function step(rough, binary) {
  if (binary) return 2 ** Math.ceil(Math.log2(Math.max(rough, 1)))
  const zeros = 10 ** Math.floor(Math.log10(rough))
  return [1, 2, 2.5, 5, 10].find(digit => digit * zeros >= rough) * zeros
}

// The lines of a scale from 0 to `max`, about `wanted` of them.
export function lines(max, wanted, binary) {
  const each = step(max / wanted, binary)
  const found = []
  for (let value = 0; value <= max * 1.0001; value += each) found.push(value)
  // Where it ends is worth a line, too, unless it would run into the one below.
  if (max - found.at(-1) > each * .4) found.push(max)
  return found
}

// The top of a scale that follows what is measured: a round number above it, and no less than `least`.
export const top = (highest, least, binary) => step(Math.max(highest * 1.05, least) / 4, binary) * 4
