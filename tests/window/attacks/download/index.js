// A page that wants to leave a file with the user.
import { attempts, check, nothingRan, report, until } from './page.js'

await check('a file for the folder of downloads is refused and counted', async () => {
  const link = document.createElement('a')
  Object.assign(link, { download: 'x.js', href: 'page.js' })
  document.body.append(link)
  link.click()
  return until(async () => (await attempts()).downloads === 1)
})
await nothingRan()
report()
