// Notifications of the desktop, when the user allows them.
(function () {
  'use strict'
  var notification = window.__TAURI__.notification

  demo.group('notification', 'Shown by the desktop, when the user has said yes. Null: nobody has asked yet.', [
    { name: 'notification.isPermissionGranted', call: function () { return notification.isPermissionGranted() } },
    { name: 'notification.requestPermission', user: true, call: function () { return notification.requestPermission() } },
    { name: 'notification.sendNotification', user: true, call: function () { return notification.sendNotification({ title: 'Tea', body: 'It is ready.' }) } },
    { name: 'new Notification', user: true, call: function () { return void new window.Notification('Tea', { body: 'It is getting cold.' }) } }
  ])
})()
