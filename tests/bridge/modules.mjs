// The npm modules of Tauri 0.x and 2, unchanged, as scripts/npm-page.sh has bundled them.
export default await import(new URL('../../build/npm-page/modules.mjs', import.meta.url)).catch(error => {
  throw new Error('run scripts/npm-page.sh build/npm-page first: ' + error.message)
})
