// The page to which the name of its window gives more than the first one may do.
const { promisified } = window.__TAURI__
promisified({ cmd: 'ordinary/echo', value: location.search }).then(
  value => promisified({ cmd: 'emit', event: 'said', payload: value, pages: true }),
  error => promisified({ cmd: 'emit', event: 'said', payload: 'refused: ' + error, pages: true })
)
