// The application's own arguments: `plugin-host run … -- --server http://localhost:8000/ -vv`.
(function () {
  'use strict'

  demo.group('cli', 'What stands behind -- on the command line.', [
    {
      name: 'cli.getMatches',
      call: function () { return window.__TAURI__.cli.getMatches() },
      good: function (matches) { return matches.args.verbose !== undefined }
    }
  ])
})()
