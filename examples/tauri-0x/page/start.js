// Draws the page and runs at once all that needs nobody. Tells how that went to whoever runs it unwatched (`--report`).
(function () {
  'use strict'
  var tauri = window.__TAURI__.tauri
  var lines = []
  var ok = true
  var isOver = false

  function report (line, isGood) {
    if (isOver) return tauri.invoke({ cmd: 'host/report', ok: isGood, lines: [line] })
    ok = ok && isGood
    lines.push(line)
  }

  function heard (outcome) {
    report(outcome.name + ': ' + (outcome.state === 'good' ? '' : outcome.state + ': ') + outcome.text.replace(/\s+/g, ' ').slice(0, 240), outcome.state !== 'wrong')
  }

  // Of what is heard some time after it was asked for.
  demo.heard = function (text) { report('heard ' + text, true) }

  demo.draw(heard)
  document.getElementById('find').onsubmit = function (event) {
    var field = document.getElementById('find-name')
    event.preventDefault()
    demo.runByName(field.value.trim()).then(heard, function (reason) { field.setCustomValidity(reason); field.reportValidity() })
    field.select()
  }
  document.getElementById('find-name').oninput = function (event) { event.target.setCustomValidity('') }

  function over () {
    // Whoever takes a picture at the report should see the page as it is drawn.
    requestAnimationFrame(function () {
      requestAnimationFrame(function () {
        isOver = true
        document.getElementById('find-name').focus()
        tauri.invoke({ cmd: 'host/report', ok: ok, lines: lines })
      })
    })
  }

  window.__TAURI__.cli.getMatches().then(function (matches) {
    var server = matches.args.server && matches.args.server.value
    if (server) demo.address = server
    demo.isServed = Boolean(server)
    return demo.runAllForAnybody(heard)
  }).then(over, function (reason) {
    report(String(reason), false)
    over()
  })
})()
