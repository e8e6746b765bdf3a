// Files, in the application's own folder.
(function () {
  'use strict'
  var fs = window.__TAURI__.fs
  var App = { dir: fs.Dir.App }
  var AllOfApp = { dir: fs.Dir.App, recursive: true }

  demo.group('fs', 'Files and folders, here in the one that belongs to the application.', [
    { name: 'fs.createDir', call: function () { return fs.createDir('demo/old', AllOfApp) } },
    { name: 'fs.writeFile', call: function () { return fs.writeFile({ path: 'demo/tea.txt', contents: 'Darjeeling, 3 minutes' }, App) } },
    {
      name: 'fs.readTextFile',
      call: function () { return fs.readTextFile('demo/tea.txt', App) },
      good: function (text) { return text === 'Darjeeling, 3 minutes' }
    },
    { name: 'fs.writeBinaryFile', call: function () { return fs.writeBinaryFile({ path: 'demo/dot.bin', contents: new Uint8Array([1, 2, 255]).buffer }, App) } },
    {
      name: 'fs.readBinaryFile',
      call: function () { return fs.readBinaryFile('demo/dot.bin', App) },
      good: function (bytes) { return bytes.join() === '1,2,255' }
    },
    { name: 'fs.copyFile', call: function () { return fs.copyFile('demo/tea.txt', 'demo/old/tea.txt', App) } },
    { name: 'fs.renameFile', call: function () { return fs.renameFile('demo/old/tea.txt', 'demo/old/coffee.txt', App) } },
    {
      name: 'fs.readDir',
      call: function () { return fs.readDir('demo', AllOfApp) },
      good: function (entries) { return entries.length === 3 && entries[1].children.length === 1 }
    },
    { name: 'fs.removeFile', call: function () { return fs.removeFile('demo/old/coffee.txt', App) } },
    { name: 'fs.removeDir', call: function () { return fs.removeDir('demo/old', AllOfApp) } },
    { name: 'fs.readTextFile elsewhere', refused: true, call: function () { return fs.readTextFile('/etc/shadow') } }
  ])
})()
