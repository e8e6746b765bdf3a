// The sections of the page, with a button for each function and what it has answered below. Each file in `groups` adds one.
// Written as pages were in 2020: a script, a global, functions and promises.
var demo = (function () {
  'use strict'

  var groups = []
  var LONGEST_OUTPUT = 2000
  var ONE_LINE = 60

  // An element with text in it. Text never becomes markup.
  function element (name, text, className) {
    var made = document.createElement(name)
    if (text !== undefined) made.textContent = text
    if (className) made.className = className
    return made
  }

  // What stands between `return` and the end: what is shown is what runs.
  function source (call) {
    var found = /return ([\s\S]*?)\s*}$/.exec(String(call))
    return (found ? found[1] : String(call)).replace(/\n {4,}/g, '\n  ')
  }

  function words (value) {
    var text = JSON.stringify(value)
    if (text === undefined) return 'done'
    if (text.length > ONE_LINE && typeof value === 'object') text = JSON.stringify(value, null, 1)
    return text.length > LONGEST_OUTPUT ? text.slice(0, LONGEST_OUTPUT) + '…' : text
  }

  // `entries`: `name`, `call`, which returns a promise or nothing; `user` where somebody has to answer or to look; `refused` where a
  // refusal is what is to be seen, `mayReject` where a rejection with these words is fine as well; `good`, which tells whether the answer
  // is as it should be.
  function group (name, about, entries) {
    groups.push({ name: name, about: about, entries: entries, ran: 0, wrong: 0 })
  }

  function count (one) {
    var auto = one.entries.filter(function (entry) { return entry.state }).length
    var wrong = one.entries.filter(function (entry) { return entry.state === 'wrong' }).length
    one.badge.textContent = wrong ? wrong + ' wrong' : auto + ' of ' + one.entries.length
    one.badge.className = wrong ? 'wrong' : ''
  }

  function show (one, entry, state, text) {
    entry.state = state
    entry.output.textContent = text
    entry.output.className = state
    count(one)
    return { name: entry.name, state: state, text: text }
  }

  function run (one, entry) {
    var expected = typeof entry.refused === 'function' ? entry.refused() : entry.refused
    return new Promise(function (resolve) { resolve(entry.call()) }).then(function (value) {
      var isGood = !expected && (!entry.good || entry.good(value))
      return show(one, entry, isGood ? 'good' : 'wrong', words(value))
    }, function (reason) {
      return show(one, entry, expected || entry.mayReject === String(reason) ? 'refused' : 'wrong', String(reason))
    })
  }

  // One after another, as the later ones need what the earlier ones have made.
  function runAll (pairs, heard) {
    return pairs.reduce(function (before, pair) {
      return before.then(function () { return run(pair[0], pair[1]) }).then(heard)
    }, Promise.resolve())
  }

  function isForAnybody (entry) { return !entry.user }

  function draw (one, heard) {
    var section = element('section')
    var header = element('header')
    var all = element('button', 'Run', 'main')
    section.id = one.name
    header.appendChild(element('h2', one.name))
    header.appendChild(all)
    section.appendChild(header)
    section.appendChild(element('p', one.about))
    all.onclick = function () {
      runAll(one.entries.filter(isForAnybody).map(function (entry) { return [one, entry] }), heard)
    }
    one.entries.forEach(function (entry) {
      var line = element('div', undefined, entry.user ? 'entry user' : 'entry')
      var button = element('button', entry.name)
      entry.output = element('output')
      button.title = entry.user ? 'Asks or shows you something' : ''
      button.onclick = function () { run(one, entry).then(heard) }
      line.appendChild(button)
      line.appendChild(element('code', source(entry.call)))
      line.appendChild(entry.output)
      section.appendChild(line)
    })
    var link = element('a', one.name)
    link.href = '#' + one.name
    one.badge = link.appendChild(element('span'))
    document.getElementById('groups').appendChild(element('li')).appendChild(link)
    document.getElementById('sections').appendChild(section)
    count(one)
  }

  function pairs () {
    return groups.reduce(function (all, one) {
      return all.concat(one.entries.map(function (entry) { return [one, entry] }))
    }, [])
  }

  return {
    // The server that `http` asks, unless the command line names one.
    address: 'https://example.com/',
    isServed: false,
    group: group,
    element: element,
    draw: function (heard) { groups.forEach(function (one) { draw(one, heard) }) },
    runByName: function (name) {
      var found = pairs().filter(function (pair) { return pair[1].name === name })[0]
      if (!found) return Promise.reject('there is no ' + name + '; names are those on the buttons')
      found[1].output.parentNode.scrollIntoView({ block: 'nearest' })
      return run(found[0], found[1])
    },
    runAllForAnybody: function (heard) {
      return runAll(pairs().filter(function (pair) { return isForAnybody(pair[1]) }), heard)
    }
  }
})()
