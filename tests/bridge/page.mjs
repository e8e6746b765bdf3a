// A window of nothing but what the page's script uses, for the tests beside this file.
import { readFile } from 'node:fs/promises'

const source = async name => (await readFile(new URL(`../../host/src/bridge/${name}.js`, import.meta.url), 'utf8')).trimEnd()

export const script = await source('bridge')
export const transport = await source('transport')

const names = {
  makeStream: 'stream', makeEvents: 'events', makeNotification: 'notification', makeGroups: 'groups', makeInternals: 'internals', watchMistakes: 'mistakes'
}
const sources = await Promise.all(Object.entries(names).map(async ([name, file]) => `${name}: ${await source(file)}`))
// The other parts, as the host writes them.
export const parts = `{ ${sources.join(',\n')} }`

export const keys = { 'plugin-host://localhost': ['secret', 'host/.calls'], 'https://example.com': ['other', 'host-calls/'] }

export const turn = () => new Promise(resolve => setImmediate(resolve))
export const turns = async count => { for (let turned = 0; turned < count; turned++) await turn() }

// The lines that have been posted since, without the first of each post.
export const lines = posts => posts.splice(0).flatMap(post => post.split('\n').slice(1, -1))

// The messages that have been posted since, without the names of callbacks that the script puts there.
export const messages = posts => lines(posts).filter(line => /^[ipc]/.test(line)).map(line => {
  const { callback, error, ...message } = JSON.parse(line.slice(line.indexOf(' ') + 1))
  return message
})

// The host's answers to requests: `f7` for a reply, `call` for what has bytes.
export function page({ limit = 1000, replies = {}, answer, userAgent = 'Mozilla/5.0 (X11; Linux x86_64)', label = 'main', existing, location = { protocol: 'plugin-host:', host: 'localhost' } } = {}) {
  const posts = [], complaints = [], listeners = {}, requests = []
  const responses = Object.fromEntries(Object.entries(replies).map(([wanted, text]) => [wanted, new Response(text)]))
  const missing = new Response(null, { status: 404 })
  let randoms = 0
  const window = {
    Response,
    location,
    navigator: { userAgent },
    queueMicrotask,
    ipc: { postMessage: text => posts.push(text) },
    console: { error: text => complaints.push(text) },
    crypto: { getRandomValues: array => array.fill(++randoms) },
    setTimeout,
    clearTimeout,
    fetch: (address, request) => {
      const body = Buffer.from(request.body).toString('latin1')
      const rest = body.slice(body.indexOf('\n') + 1)
      requests.push([address, request.method, body.split('\n')[0], rest, request])
      return answer ? answer() : Promise.resolve(responses[/^f\d+$/.test(rest) ? rest : 'call'] || missing)
    },
    addEventListener: (name, listener) => { listeners[name] = listener }
  }
  if (existing) window.__TAURI__ = existing
  // The script takes what it needs from its window; here that is a parameter.
  new Function('window', `(${script})((${transport})(${JSON.stringify(keys)}, ${limit}), ${limit}, ${JSON.stringify(label)}, ${parts})`)(window)
  const token = posts.length ? posts[0].split('\n')[0].split(' ')[1] : undefined
  return {
    window, posts, complaints, listeners, requests, token, tauri: window.__TAURI__,
    reply: (...replies) => window.__PLUGIN_HOST_DELIVER__(token, JSON.stringify(replies))
  }
}
