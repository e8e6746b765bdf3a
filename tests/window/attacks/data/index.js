// Names and values that want to be more than that: each is delivered exactly, or refused with a reason, and none becomes code.
import { check, nothingRan, refused, report } from './page.js'

const { promisified, invoke, event } = window.__TAURI__
const hostile = ['"', "'", '\\', '`', '${1}', '\u2028\u2029', '</script>', '<!--', '-->', ']]>', '__proto__', 'constructor', 'prototype', 'toString', '\0', '\x7f', '\x1b[2J',
  '\u202e', '\ufeff', '\u{1f600}', '"+(window.ran=1)+"', "');window.ran=1;('", '</script><script>window.ran=1</script>', '\n', '\r\n', 'é', '%s%n', '{{7*7}}', '']

function same (one, other) {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [left, right] = [Object.keys(one), Object.keys(other)]
  return left.length === right.length && left.every(key => Object.hasOwn(other, key) && same(one[key], other[key]))
}

await check('hostile texts come back exactly, as values and as keys', async () => {
  const object = JSON.parse('{' + hostile.map((text, index) => JSON.stringify(text) + ':' + index).join() + '}')
  const values = await promisified({ cmd: 'echo', value: [hostile, object] })
  return same(values[0], hostile) && same(values[1], object) && Object.getPrototypeOf(values[1]) === Object.prototype || values
})
await check('hostile texts come back exactly as errors, and panics name them', async () => {
  for (const text of hostile) {
    const reason = await refused({ cmd: 'fail', text })
    if (reason !== text) return JSON.stringify([text, reason])
    const panic = await refused({ cmd: 'panic', text })
    if (!panic.includes('panic')) return panic
  }
  return true
})
await check('a command, a callback and a plugin with a hostile name is unknown and nothing else', async () => {
  for (const text of [...hostile, 'x'.repeat(1_000_000)]) {
    for (const cmd of [text, 'counting/' + text, text + '/strike']) {
      const reason = await refused({ cmd })
      if (typeof reason !== 'string' || reason.length > 2000 || reason.startsWith('resolved')) return JSON.stringify([cmd.slice(0, 50), String(reason).slice(0, 200)])
    }
    invoke({ cmd: 'echo', value: 'window.ran=1', callback: text, error: text })
  }
  await promisified({ cmd: 'echo', value: 1 })
  return window.ran === undefined
})
await check('events with hostile names and payloads are heard exactly, or refused', async () => {
  for (const name of hostile) {
    const heard = new Promise(resolve => event.listen(name, resolve, true))
    const told = await promisified({ cmd: 'tell', event: name, payload: hostile }).then(() => null, reason => reason)
    if (told !== null) {
      if (!told.includes('has no good name')) return told
      continue
    }
    const { type, payload } = await heard
    if (type !== name || !same(payload, hostile)) return JSON.stringify([type, payload])
  }
  const long = await refused({ cmd: 'tell', event: 'x'.repeat(1_000_000), payload: 1 })
  return long.includes('has no good name') && long.length < 2000
})
await check('lone surrogates are refused with a reason', async () => {
  for (const text of ['\ud800', 'a\udfffb', '\udc00\ud800']) {
    for (const message of [{ cmd: 'echo', value: text }, { cmd: 'echo', value: { [text]: 1 } }, { cmd: text }]) {
      const reason = await refused(message)
      if (typeof reason !== 'string' || reason.startsWith('resolved')) return JSON.stringify([text, reason])
    }
  }
  return true
})
await check('100,000 levels are refused on their way in, and read or refused on their way out', async () => {
  let deep = []
  for (let level = 0; level < 100_000; level++) deep = [deep]
  const inwards = await refused({ cmd: 'echo', value: deep })
  const outwards = await promisified({ cmd: 'nested', depth: 100_000 }).then(value => Array.isArray(value), reason => typeof reason === 'string')
  const shallow = await promisified({ cmd: 'nested', depth: 100 })
  return typeof inwards === 'string' && !inwards.startsWith('resolved') && outwards && Array.isArray(shallow) || [String(inwards).slice(0, 100), outwards]
})
await check('a message that is too long is refused with its length', async () => {
  const reason = await refused({ cmd: 'echo', value: 'x'.repeat(65 * 1024 * 1024) })
  return reason.includes('the message is too long') || reason
})

// A value at random, of all that JSON can hold. The seed is printed when one does not come back.
function random (seed) {
  let state = seed >>> 0
  const next = () => {
    state = state + 0x6D2B79F5 >>> 0
    let mixed = Math.imul(state ^ state >>> 15, state | 1)
    mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61)
    return (mixed ^ mixed >>> 14) >>> 0
  }
  const below = limit => next() % limit
  const bits = new DataView(new ArrayBuffer(8))
  const number = () => {
    switch (below(6)) {
      case 0: return below(1000) - 500
      case 1: return Number.MAX_SAFE_INTEGER - below(1000)
      case 2: return 2 ** below(1024)
      case 3: return below(1_000_000) / 1000
      case 4: return -(2 ** (below(100) + 53))
      default: {
        bits.setUint32(0, next())
        bits.setUint32(4, next())
        const float = bits.getFloat64(0)
        return Number.isFinite(float) ? float : 0
      }
    }
  }
  const text = () => {
    let made = ''
    for (let length = below(12); length > 0; length--) {
      const point = [() => below(128), () => below(0x800), () => below(0xd800), () => 0xe000 + below(0x2000), () => 0x10000 + below(0x100000)][below(5)]()
      made += String.fromCodePoint(point)
    }
    return below(4) ? made : hostile[below(hostile.length)] + made
  }
  const value = depth => {
    switch (below(depth > 6 ? 5 : 7)) {
      case 0: return null
      case 1: return below(2) === 1
      case 2: case 3: return number()
      case 4: return text()
      case 5: return Array.from({ length: below(6) }, () => value(depth + 1))
      default: return JSON.parse('{' + [...new Set(Array.from({ length: below(6) }, text))].map(key => JSON.stringify(key) + ':' + JSON.stringify(value(depth + 1))).join() + '}')
    }
  }
  return value(0)
}
// JSON has no negative zero, on neither side of it.
const positive = value => JSON.parse(JSON.stringify(value))
await check('whatever JSON can hold comes back exactly', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  for (let burst = 0; burst < 40; burst++) {
    const values = Array.from({ length: 100 }, (_, index) => positive(random(seed + burst * 100 + index)))
    const back = await Promise.all(values.map(value => promisified({ cmd: 'echo', value })))
    const wrong = values.findIndex((value, index) => !same(value, back[index]))
    if (wrong >= 0) return 'seed ' + (seed + burst * 100 + wrong) + ': ' + JSON.stringify(values[wrong]) + ' came back as ' + JSON.stringify(back[wrong])
  }
  return true
})
await check('nothing became code', () => window.ran === undefined && {}.polluted === undefined && Object.getPrototypeOf({}).ran === undefined)
await nothingRan()
report()
