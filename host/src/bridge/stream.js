// The values of a command as an asynchronous iterator, over `promisified`: for await (const value of stream({ cmd: … })).
//
// The call begins with the loop, and is cancelled when the loop is left. What the command returns is the iterator's own result.
(promisified => {
  return function stream (message, options) {
    const call = { controller: new AbortController(), left: false, nudge: () => {} }
    const values = valuesOf(call, message, options)
    const leave = values.return
    // By itself it would wait for the next value.
    values.return = value => {
      call.left = true
      call.controller.abort()
      call.nudge()
      return leave.call(values, value)
    }
    return values
  }

  async function * valuesOf (call, message, options) {
    const { controller } = call
    const outer = options && options.signal
    const forward = () => controller.abort(outer.reason)
    if (outer && outer.aborted) forward()
    else if (outer) outer.addEventListener('abort', forward)
    let next = null, wake = null, over = false
    const nudge = () => {
      if (wake) wake()
      wake = null
    }
    call.nudge = nudge
    const end = () => {
      over = true
      nudge()
    }
    // At most one: the one after it comes when this one has been taken.
    const onValue = value => new Promise(taken => {
      next = { value, taken }
      nudge()
    })
    const answer = promisified(message, { ...options, signal: controller.signal, onValue })
    answer.then(end, end)
    try {
      while (true) {
        if (call.left) {
          return
        } else if (next) {
          const { value, taken } = next
          next = null
          yield value
          taken()
        } else if (over) {
          return await answer
        } else {
          await new Promise(resolve => { wake = resolve })
        }
      }
    } finally {
      if (outer) outer.removeEventListener('abort', forward)
      controller.abort()
    }
  }
})
