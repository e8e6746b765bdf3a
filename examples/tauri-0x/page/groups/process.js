// Programs that the configuration lists, with the arguments that it lists.
(function () {
  'use strict'
  var process = window.__TAURI__.process

  demo.group('process', 'Programs that the configuration lists, with the arguments that it lists.', [
    { name: 'process.execute', good: function (text) { return text.trim().length > 0 }, call: function () { return process.execute('uname', ['-s']) } },
    { name: 'process.execute with a text', good: function (text) { return text.trim().length > 0 }, call: function () { return process.execute('uname', '-m') } },
    { name: 'process.execute of another', refused: true, call: function () { return process.execute('rm', ['-r', 'tea']) } }
  ])
})()
