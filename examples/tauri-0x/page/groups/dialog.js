// Dialogues, which the user answers.
(function () {
  'use strict'
  // Who chooses nothing rejects the promise, as it was then, and that is no mistake of the page.
  var CANCELLED = 'user cancelled the dialog'
  var dialog = window.__TAURI__.dialog

  demo.group('dialog', 'Questions to the user, so none of these runs by itself. What is chosen may be read, or written, from then on.', [
    { name: 'dialog.open', user: true, mayReject: CANCELLED, call: function () { return dialog.open({ title: 'Open tea', filter: 'txt,md;png,jpg', multiple: true }) } },
    { name: 'dialog.save', user: true, mayReject: CANCELLED, call: function () { return dialog.save({ title: 'Save tea', filter: 'txt', defaultPath: 'tea.txt' }) } },
    { name: 'dialog.ask', user: true, call: function () { return dialog.ask('Is the water hot?', 'Tea') } },
    { name: 'dialog.message', user: true, call: function () { return dialog.message('It is ready.', { title: 'Tea' }) } }
  ])
})()
