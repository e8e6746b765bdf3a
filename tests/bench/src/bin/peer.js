// What a page needs to call plain wry: promises by number, posted one by one or gathered by the turn.
(function () {
  const pending = new Map()
  let next = 1, waiting = []
  const post = calls => window.ipc.postMessage(JSON.stringify(calls))
  const call = (message, send) => new Promise(resolve => {
    pending.set(next, resolve)
    send([next++, message])
  })
  window.deliver = text => {
    const replies = JSON.parse(text)
    for (let index = 0; index < replies.length; index += 2) {
      const resolve = pending.get(replies[index])
      pending.delete(replies[index])
      resolve(replies[index + 1])
    }
  }
  window.peer = {
    alone: message => call(message, one => post([one])),
    gathered: message => call(message, one => {
      if (waiting.push(one) > 1) return
      Promise.resolve().then(() => {
        post(waiting)
        waiting = []
      })
    }),
    report: lines => post(lines.map(line => [0, { cmd: 'report', line }]))
  }
})()
