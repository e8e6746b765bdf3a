// Values that are kept. Tauri 0.x had none; pages of that time wrote files, or had a plugin.
(function () {
  'use strict'
  var store = window.__TAURI__.store

  demo.group('store', 'Values that are there when the application starts again.', [
    { name: 'store.set', call: function () { return store.set('demo/tea', { minutes: 3 }) } },
    { name: 'store.get', good: function (tea) { return tea.minutes === 3 }, call: function () { return store.get('demo/tea') } },
    { name: 'store.keys', good: function (keys) { return keys.join() === 'demo/tea' }, call: function () { return store.keys('demo/') } },
    { name: 'store.remove', good: function (was) { return was === true }, call: function () { return store.remove('demo/tea') } }
  ])
})()
