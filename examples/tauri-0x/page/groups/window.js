// The window: its title, and links for the browser. The last two came after Tauri 0.x.
(function () {
  'use strict'
  var appWindow = window.__TAURI__.window

  demo.group('window', 'The window, and addresses that the system’s browser shows. Those that are not listed are refused, in the log.', [
    { name: 'window.setTitle', call: function () { return appWindow.setTitle('Tauri 0.x – every function') } },
    { name: 'window.open', user: true, call: function () { return appWindow.open('https://tauri.app/') } },
    { name: 'window.size', good: function (size) { return size.width > 0 }, call: function () { return appWindow.size() } },
    { name: 'window.create', user: true, call: function () { return appWindow.create(undefined, { url: 'second.html', title: 'Another window', width: 420, height: 200 }) } }
  ])
})()
