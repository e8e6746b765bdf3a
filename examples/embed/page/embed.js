// Calls the application's own commands and one of a plugin, and tells what each answered.
const { invoke, promisified } = window.__TAURI__.tauri
const lines = []
let ok = true

async function call(message, expected) {
  const answer = await promisified(message).then(value => 'resolved ' + JSON.stringify(value), error => 'rejected ' + error)
  const line = `${message.cmd}: ${answer}`
  ok = ok && answer.includes(expected)
  lines.push(line)
  document.getElementById('answers').appendChild(document.createElement('li')).textContent = line
}

invoke({ cmd: 'say', line: 'the page says hello' })
await call({ cmd: 'greet' }, 'resolved "hello, number 1"')
await call({ cmd: 'greet' }, 'resolved "hello, number 2"')
await call({ cmd: 'squares', limit: 10 }, 'resolved 385')
await call({ cmd: 'squares', limit: 1e7 }, 'rejected 10000000 is too far')
await call({ cmd: 'squares', limit: 'ten' }, 'rejected invalid type')
await call({ cmd: 'memory' }, 'resolved {"totalBytes":')
await call({ cmd: 'memry' }, 'rejected unknown')
// Whoever takes a picture at the report should see the answers in it: wait until they have been drawn.
for (let drawn = 0; drawn < 3; drawn++) await new Promise(resolve => requestAnimationFrame(resolve))
invoke({ cmd: 'host/report', ok, lines })
