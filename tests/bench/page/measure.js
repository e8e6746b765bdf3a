// Measures a window from its page. The same page runs in the host and in a window of plain wry, which puts a
// `window.peer` of its own: one that posts each call by itself, and one that gathers the calls of a turn.
const own = window.__TAURI__ && {
  alone: message => window.__TAURI__.promisified(message),
  report: lines => window.__TAURI__.invoke({ cmd: 'host/report', ok: true, lines })
}
const { alone, gathered = alone, report } = own || window.peer

const middle = values => values.sort((left, right) => left - right)[Math.floor(values.length / 2)]
const echo = (call, number) => call({ cmd: 'echo', value: { number, text: 'some string data' } })

async function oneAfterAnother(count) {
  const begin = performance.now()
  for (let number = 0; number < count; number++) {
    if ((await echo(alone, number)).number !== number) throw new Error('a stranger\'s answer')
  }
  return (performance.now() - begin) * 1000 / count
}

async function atOnce(count) {
  const begin = performance.now()
  const values = await Promise.all(Array.from({ length: count }, (_, number) => echo(gathered, number)))
  const milliseconds = performance.now() - begin
  if (!values.every((value, number) => value.number === number)) throw new Error('a stranger\'s answer')
  return milliseconds
}

async function largeReply() {
  const begin = performance.now()
  if ((await alone({ cmd: 'items', count: 100_000 })).length !== 100_000) throw new Error('not all items')
  return performance.now() - begin
}

async function rounds(count, measure) {
  await measure()
  const values = []
  for (let round = 0; round < count; round++) values.push(await measure())
  return middle(values)
}

// When the first answer is there the process has started; whoever started it stops its watch at this line.
await echo(alone, 0)
report(['first answer'])
report([
  `one after another, microseconds: ${await rounds(5, () => oneAfterAnother(1000))}`,
  `10000 at once, milliseconds: ${await rounds(15, () => atOnce(10_000))}`,
  `large reply, milliseconds: ${await rounds(5, largeReply)}`,
  'end'
])
