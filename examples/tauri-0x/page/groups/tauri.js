// What all the others are made of.
(function () {
  'use strict'
  var tauri = window.__TAURI__.tauri

  demo.group('tauri', 'What the others are made of: a message with `cmd`, and two callbacks.', [
    { name: 'tauri.promisified', call: function () { return tauri.promisified({ cmd: 'resolvePath', path: 'tea.txt', directory: 18 }) } },
    {
      name: 'tauri.invoke, tauri.transformCallback',
      call: function () {
        return new Promise(function (resolve, reject) {
          tauri.invoke({ cmd: 'resolvePath', path: 'tea.txt', callback: tauri.transformCallback(resolve, true), error: tauri.transformCallback(reject, true) })
        })
      },
      good: function (path) { return path === 'tea.txt' }
    }
  ])
})()
