// Checks in a page, one after another: a line for each, and whether all went well.
export const lines = []
export let ok = true

// What `body` says is true, or what went wrong.
export async function check(name, body) {
  try {
    const said = await body()
    if (said !== true) throw new Error('got ' + JSON.stringify(said))
    lines.push('ok: ' + name)
  } catch (error) {
    ok = false
    lines.push('FAILED: ' + name + ': ' + error)
  }
}
