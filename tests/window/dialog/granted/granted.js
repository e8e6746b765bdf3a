// Reads and writes what the user has chosen, and tries what was not chosen.
import { folder } from './folder.js'

const { invoke, promisified } = window.__TAURI__
const report = line => invoke({ cmd: 'host/report', ok: true, lines: [line] })
const settled = promise => promise.then(value => JSON.stringify(value), () => 'refused')
const read = name => settled(promisified({ cmd: 'readTextFile', path: `${folder}/${name}` }))
const write = name => settled(promisified({ cmd: 'writeFile', path: `${folder}/${name}`, contents: 'by the page' }))

report(`before: ${await read('a.txt')} and ${await write('new.txt')}`)
await promisified({ cmd: 'openDialog', options: { title: 'Read', defaultPath: folder } })
report(`opened: ${await read('a.txt')}, ${await write('a.txt')}, ${await read('b.txt')}`)
await promisified({ cmd: 'saveDialog', options: { title: 'Write', defaultPath: folder + '/new.txt' } })
report(`saved: ${await write('new.txt')}, ${await read('new.txt')}, ${await write('b.txt')}`)
