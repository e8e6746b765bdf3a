// Calls the documentation's command in both plugins, once at the start and again with each button.
const { invoke, promisified } = window.__TAURI__.tauri
const answers = document.getElementById('answers')

const call = (cmd, count) => promisified({ cmd, count, payload: { state: 'some string data', data: 17 } })
  .then(response => 'resolved ' + JSON.stringify(response))
  .catch(error => 'rejected ' + error)
  .then(answer => {
    const line = `${cmd}, count ${count}: ${answer}`
    answers.appendChild(document.createElement('li')).textContent = line
    return line
  })

const calls = ['hello-functions/doSomething', 'hello-handler/doSomething'].flatMap(cmd => [[cmd, 6], [cmd, 5]])
for (const [cmd, count] of calls) {
  const button = document.getElementById('buttons').appendChild(document.createElement('button'))
  button.textContent = `${cmd}, count ${count}`
  button.onclick = () => call(cmd, count)
}

const lines = await Promise.all(calls.map(([cmd, count]) => call(cmd, count)))
const expected = ['resolved {"value":5,"message":"async response!"}', 'rejected count should be > 5']
const ok = lines.every((line, index) => line.endsWith(expected[index % 2]))
// Whoever takes a picture at the report should see the answers in it: wait until they have been drawn.
const frame = () => new Promise(resolve => requestAnimationFrame(resolve))
for (let drawn = 0; drawn < 3; drawn++) await frame()
invoke({ cmd: 'host/report', ok, lines })
