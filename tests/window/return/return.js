// Leaves with a call open, and is returned to: from the browser's page cache, or loaded again, as the browser likes. Its
// old call settles with an error, or is forgotten with its page; what is called afterwards works.
const { invoke, promisified } = window.__TAURI__
let left = 'nothing yet'

async function returned(how) {
  const marks = await promisified({ cmd: 'marks', name: 'the other page' })
  const values = await Promise.all([1, 2, 3].map(value => promisified({ cmd: 'echo', value })))
  // A call whose page was kept must have been rejected by now: its reply went to a page session that is over.
  const settled = how === 'kept' ? left === 'the page was left before the reply came' : left === 'nothing yet'
  const ok = marks === 1 && String(values) === '1,2,3' && settled
  invoke({ cmd: 'host/report', ok, lines: [`${how}: ${marks} marks, ${values}, the open call: ${left}`] })
}

window.addEventListener('pageshow', event => {
  if (event.persisted) returned('kept')
})
if (sessionStorage.getItem('left')) {
  await returned('loaded again')
} else {
  sessionStorage.setItem('left', 'yes')
  promisified({ cmd: 'wait' }).then(value => { left = 'resolved with ' + value }, error => { left = error })
  await promisified({ cmd: 'somebodyWaits' })
  location.href = 'other.html'
}
