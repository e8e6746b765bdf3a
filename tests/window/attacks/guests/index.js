// Goes to a page that frames may show, which is not heard, and then to one that may be in the window, which is heard as a guest.
import { elsewhere, guests } from './elsewhere.js'

const { searchParams } = new URL(location.href)
const { promisified } = window.__TAURI__
if (!searchParams.has('stranger')) {
  location.href = elsewhere + 'stranger.html?back=' + encodeURIComponent(location.href)
} else {
  const { posts, requests } = await promisified({ cmd: 'host/attempts' })
  const strikes = await promisified({ cmd: 'counting/strikes' })
  location.href = guests + 'guest.html?stranger=' + encodeURIComponent(searchParams.get('stranger') + ', counted ' + (posts > 0 && requests > 0) + ', ran ' + strikes)
}
