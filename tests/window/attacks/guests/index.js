// Goes to a page that frames may show, which is not heard, and then to one that may be in the window, which is heard as a guest.
import { elsewhere, guests } from './elsewhere.js'

const { searchParams } = new URL(location.href)
const { promisified } = window.__TAURI__
if (!searchParams.has('stranger')) {
  // They come when another page is in the window.
  for (const milliseconds of [100, 300, 500]) promisified({ cmd: 'counting/later', milliseconds })
  promisified({ cmd: 'counting/later', milliseconds: 400 }, { timeoutMs: 60_000 })
  await promisified({ cmd: 'counting/echo', value: 1 })
  location.href = elsewhere + 'stranger.html?back=' + encodeURIComponent(location.href)
} else {
  const { posts, requests } = await promisified({ cmd: 'host/attempts' })
  const strikes = await promisified({ cmd: 'counting/strikes' })
  location.href = guests + 'guest.html?stranger=' + encodeURIComponent(searchParams.get('stranger') + ', counted ' + (posts > 0 && requests > 0) + ', ran ' + strikes)
}
