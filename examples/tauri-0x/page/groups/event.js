// Events: those of the host and of plugins are heard, and plugins hear what is emitted.
(function () {
  'use strict'
  var event = window.__TAURI__.event

  demo.group('event', 'What the host tells, and what plugins are told. window.create makes the host tell something.', [
    {
      name: 'event.listen',
      call: function () {
        return event.listen('host/windows', function (heard) {
          demo.heard(heard.type + ' ' + JSON.stringify(heard.payload))
        }, true)
      }
    },
    { name: 'event.emit', call: function () { return event.emit('tea', 'It is ready.') } }
  ])
})()
