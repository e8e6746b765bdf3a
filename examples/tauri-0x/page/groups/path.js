// Where folders are. One that this system does not have is refused with a sentence, which is no mistake.
(function () {
  'use strict'
  var path = window.__TAURI__.path
  var names = [
    'audioDir', 'cacheDir', 'configDir', 'dataDir', 'localDataDir', 'desktopDir', 'documentDir', 'downloadDir', 'executableDir', 'fontDir',
    'homeDir', 'pictureDir', 'publicDir', 'runtimeDir', 'templateDir', 'videoDir', 'resourceDir', 'appDir'
  ]

  demo.group('path', 'Where the user’s and the application’s folders are.', [
    { name: 'path.appDir', call: function () { return path.appDir() } },
    { name: 'path.resolvePath', call: function () { return path.resolvePath('notes/today.txt', 18) } },
    {
      name: 'path.…Dir',
      call: function () {
        return Promise.all(names.map(function (name) {
          return path[name]().catch(function (reason) { return 'none: ' + reason })
        }))
      },
      good: function (all) { return all.length === 18 && all.every(function (one) { return one.length > 0 }) }
    }
  ])
})()
