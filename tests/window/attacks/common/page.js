// What pages that check themselves have in common: checks with names, and a report of them.
const { promisified, invoke } = window.__TAURI__
const lines = []
let ok = true

/** Checks one thing; what it returns is `true`, or what it was instead. */
export async function check (name, run) {
  let outcome
  try {
    outcome = await run()
  } catch (error) {
    outcome = 'threw ' + (error && error.message || error)
  }
  if (outcome !== true) ok = false
  lines.push((outcome === true ? 'ok ' : 'FAILED ') + name + (outcome === true ? '' : ': ' + (typeof outcome === 'string' ? outcome : JSON.stringify(outcome))))
}

/** The reason for which a call is rejected. */
export const refused = message => promisified(message).then(value => 'resolved with ' + JSON.stringify(value), reason => reason)

/** Resolves after a while, for what may never come. */
export const patience = (milliseconds, value) => new Promise(resolve => setTimeout(() => resolve(value), milliseconds))

/** Waits until something is so, as often as the host answers; `false` where it never is. */
export async function until (isSo) {
  for (let asked = 0; asked < 2000; asked++) if (await isSo()) return true
  return false
}

/** Nothing has run so far; and what counts does count. */
export async function nothingRan () {
  await check('no command has run', async () => {
    const strikes = await promisified({ cmd: 'counting/strikes' })
    return strikes === 0 || strikes + ' ran'
  })
  await check('a command that runs is counted', async () => await promisified({ cmd: 'counting/strike' }) === 1 && await promisified({ cmd: 'counting/strikes' }) === 1)
}

export const attempts = () => promisified({ cmd: 'host/attempts' })

export const report = () => invoke({ cmd: 'host/report', ok, lines })
