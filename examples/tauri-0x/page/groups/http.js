// Requests. Where no server is listed, each is refused with the line to add, and nothing leaves the machine.
(function () {
  'use strict'
  var http = window.__TAURI__.http
  var refused = function () { return !demo.isServed }
  var isAnswer = function (answer) { return answer.tea === 'Darjeeling' }

  demo.group('http', 'Requests by the host, to the servers that the configuration lists: none, until you add yours.', [
    {
      name: 'http.request', refused: refused, good: function (text) { return JSON.parse(text).minutes === 3 },
      call: function () { return http.request({ method: 'GET', url: demo.address, params: { cups: 2 }, responseType: http.ResponseType.Text }) }
    },
    { name: 'http.get', refused: refused, good: isAnswer, call: function () { return http.get(demo.address) } },
    { name: 'http.post', refused: refused, good: isAnswer, call: function () { return http.post(demo.address, { cups: 2 }, { bodyType: http.BodyType.Form }) } },
    { name: 'http.put', refused: refused, good: isAnswer, call: function () { return http.put(demo.address, 'two cups') } },
    { name: 'http.patch', refused: refused, good: isAnswer, call: function () { return http.patch(demo.address, { headers: { 'x-cups': 2 } }) } },
    { name: 'http.delete', refused: refused, good: isAnswer, call: function () { return http.delete(demo.address, { timeout: 10 }) } }
  ])
})()
