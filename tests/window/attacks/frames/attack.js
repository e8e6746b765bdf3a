// All that something which is not the page may try, to have a command run. Runs in frames and workers of every kind; tells the top
// page when it is done, what it found that it should not have, and how many posts and requests it got rid of.
(async () => {
  const host = 'plugin-host://localhost'
  const kind = self.attackKind || new URLSearchParams(self.location.search).get('kind') || self.name || 'unnamed'
  const found = []
  let posts = 0, requests = 0
  const attempt = async run => { try { return await run() } catch (error) { return undefined } }
  const soon = promise => Promise.race([promise, new Promise(resolve => setTimeout(resolve, 3000))])
  const call = '{"cmd":"counting/strike"}'
  const secrets = ['', ' ', 'undefined', 'null', 'secret', '0'.repeat(32), 'f'.repeat(32), '[object Object]', '__proto__', 'constructor']
  const forged = secrets.flatMap(secret => [secret + ' 1-2-3-4\nh\np1 ' + call + '\n', secret + ' 1-2-3-4\ni1 ' + call + '\n'])
  forged.push('', '\n', call, 'h', 'x'.repeat(1 << 20), '\0', '\ud800 1\nh\n', 'é 1\nh\n', JSON.stringify({ cmd: 'counting/strike', callback: 'a', error: 'b' }))

  // What the window of this frame has of the host's.
  for (const name of ['__TAURI__', '__TAURI_INVOKE_HANDLER__', '__PLUGIN_HOST_DELIVER__']) if (self[name] !== undefined) found.push('has ' + name)

  // Posts, by the webview's own way and by what wry puts before it.
  const targets = [() => self.webkit.messageHandlers.ipc, () => self.ipc, () => self.webkit.messageHandlers['ipc'].constructor.prototype]
  for (const target of targets) {
    for (const message of [...forged, 7, null, undefined, { cmd: 'counting/strike' }, [forged[0]], true, 1n]) {
      await attempt(() => { target().postMessage(message); posts++ })
    }
  }

  // So many that whoever kept them, or told of each, would have no time for the page.
  for (let flood = 0; flood < 5000; flood++) await attempt(() => { self.webkit.messageHandlers.ipc.postMessage('x'.repeat(1000)); posts++ })

  // Requests: to where calls with bytes go, and to where they might.
  const bodies = forged.map(text => text.replace(/\n(h\n)?[pi]1 /, '\np1 ') + '\n0\n').concat(secrets.map(secret => secret + ' 1\nf0'), secrets.map(secret => secret + ' 1-2-3-4\nf1'))
  for (const address of [host + '/.calls', 'plugin-host-calls://localhost/', host + '/.calls?x', host + '/.calls/', host + '/.replies/x/1/call', 'plugin-host-calls://other/']) {
    for (const body of address.endsWith('/.calls') || address.endsWith('calls://localhost/') ? bodies : bodies.slice(0, 1)) {
      await attempt(async () => {
        const sent = fetch(address, { method: 'POST', body, mode: 'no-cors' })
        requests++
        const response = await soon(sent)
        if (response && (response.status === 200 || response.status === 204)) found.push('was answered at ' + address)
      })
    }
  }
  await attempt(async () => { const response = await soon(fetch(host + '/.calls', { method: 'POST', body: bodies[0] })); if (response && response.ok) found.push('was answered') })
  await attempt(async () => { const response = await soon(fetch(host + '/.calls')); if (response && response.ok) found.push('was answered to GET') })
  await attempt(() => navigator.sendBeacon(host + '/.calls', bodies[0]))
  await attempt(() => {
    const request = new XMLHttpRequest()
    request.open('POST', host + '/.calls', false)
    request.send(bodies[0])
    if (request.status === 200 || request.status === 204) found.push('was answered to a synchronous request')
  })
  if (self.document) {
    await attempt(() => { new Image().src = host + '/.calls' })
    // A script of the page's folder is not for others: it would run in their frame, and be read by what it does.
    if (location.protocol !== 'plugin-host:' && !self.attackSameOrigin) await attempt(() => new Promise(resolve => {
      const script = document.createElement('script')
      script.src = host + '/leaks.js'
      script.onload = script.onerror = resolve
      setTimeout(resolve, 2000)
      document.documentElement.append(script)
    }))
    if (self.leaked) found.push('ran a script of the page\'s folder')
    await attempt(() => new Promise(resolve => {
      const target = document.createElement('iframe'), form = document.createElement('form'), field = document.createElement('input')
      target.name = 'form-target'
      Object.assign(form, { method: 'post', action: host + '/.calls', enctype: 'text/plain', target: 'form-target' })
      field.name = bodies[0]
      form.append(field)
      document.documentElement.append(target, form)
      target.onload = resolve
      setTimeout(resolve, 1000)
      form.submit()
    }))
  }

  // A page of another origin does not let others in; one of the same is the same page as far as a browser is concerned, so there
  // only what it should not have is looked for: the secret.
  const secretLike = /\b[0-9a-f]{32}\b/
  for (const name of ['parent', 'top', 'opener']) {
    await attempt(() => {
      const other = self[name]
      if (!other || other === self) return
      if (!self.attackSameOrigin && other.__TAURI__) {
        found.push('reached ' + name)
        other.__TAURI__.invoke({ cmd: 'counting/strike' })
      }
      const seen = other.performance.getEntries().map(entry => entry.name).join(' ') + other.document.documentElement.outerHTML
      if (secretLike.test(seen)) found.push('found the secret in ' + name)
    })
  }
  const told = { attackDone: kind, found, posts, requests }
  if (self.document) self.top.postMessage(told, '*')
  else self.postMessage(told)
})()
