// Calls every command of both plugins once and tells what each answered, for those who run this page without looking.
const { invoke, promisified } = window.__TAURI__.tauri

const short = value => {
  const text = JSON.stringify(value)
  return text.length > 90 ? text.slice(0, 90) + '…' : text
}

async function answers(lines) {
  let ok = true
  const call = async (message, expected = () => true) => {
    const outcome = await promisified(message).then(value => ({ value }), error => ({ error }))
    const good = 'value' in outcome && expected(outcome.value)
    ok = ok && good
    lines.push(`${message.cmd}: ${'value' in outcome ? short(outcome.value) : 'rejected ' + outcome.error}${good ? '' : '  <- not expected'}`)
    return outcome.value
  }
  await call({ cmd: 'machine' }, it => it.architecture)
  await call({ cmd: 'memory' }, it => it.totalBytes > it.usedBytes)
  await call({ cmd: 'processors' }, it => it.processors.length > 0)
  await call({ cmd: 'processes', sort: 'memory', limit: 1 }, it => it.total > 0 && it.processes.length === 1)
  await call({ cmd: 'disks' }, Array.isArray)
  const key = 'desk/check', value = { number: 1.5, list: [null, 'ü'] }
  await call({ cmd: 'storeSet', key, value }, it => it === null)
  await call({ cmd: 'storeGet', key }, it => it.number === 1.5 && it.list[1] === 'ü')
  await call({ cmd: 'storeKeys', prefix: key }, it => it.length === 1)
  await call({ cmd: 'storeRemove', key }, it => it === true)
  const note = await call({ cmd: 'noteAdd', title: 'Check', text: 'of the desk' }, it => it.id > 0)
  const id = note ? note.id : 0
  await call({ cmd: 'noteUpdate', id, text: 'changed' }, it => it.title === 'Check' && it.text === 'changed')
  await call({ cmd: 'notes', search: 'CHANGED', limit: 1 }, it => it.total > 0)
  await call({ cmd: 'noteRemove', id }, it => it === true)
  return ok
}

// `seen` resolves when there is something to see on the page.
export async function check(seen) {
  const lines = []
  let ok = false
  try {
    ok = await answers(lines)
    await seen
    // Whoever takes a picture at the report should see the page as it is drawn.
    for (let drawn = 0; drawn < 3; drawn++) await new Promise(resolve => requestAnimationFrame(resolve))
  } catch (error) {
    lines.push(`the page failed: ${error}`)
    ok = false
  }
  invoke({ cmd: 'host/report', ok, lines })
}
