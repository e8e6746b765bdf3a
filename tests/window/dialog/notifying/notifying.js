// Shows notifications before and after the user has allowed them.
const { invoke, promisified } = window.__TAURI__
const report = line => invoke({ cmd: 'host/report', ok: true, lines: [line] })
const show = title => promisified({ cmd: 'notification', options: { title, body: 'It is ready.' } })
const isGranted = () => promisified({ cmd: 'isNotificationPermissionGranted' })

const refused = await show('Tea').catch(error => error)
report(`before: ${await isGranted()} and ${refused}`)
report(`asked: ${await promisified({ cmd: 'requestNotificationPermission' })} and ${await isGranted()}`)
const answers = []
for (const number of [1, 2, 3]) answers.push(await show(`Tea ${number}`))
report(`after: ${JSON.stringify(answers)}`)
