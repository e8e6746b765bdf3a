// What goes wrong in the page and nobody catches is told to the host, whose log can be read without developer tools: so many for each
// load of the page, as one mistake may come with every frame that is drawn.
(send => {
  'use strict'

  const MOST_MISTAKES = 100
  const { stringify } = JSON

  let mistakes = 0
  function tell(text) {
    if (++mistakes > MOST_MISTAKES) return
    send('e0 ' + stringify('' + text) + '\n')
  }
  window.addEventListener('error', event => {
    // Captured, because what cannot be loaded does not bubble.
    const { target } = event
    if (target && target !== window) {
      const source = target.src || target.href
      if (source && (target.tagName === 'SCRIPT' || target.tagName === 'LINK')) tell('cannot load ' + source)
    } else {
      tell(event.message + (event.filename ? ', at ' + event.filename + ':' + event.lineno : ''))
    }
  }, true)
  window.addEventListener('securitypolicyviolation', event => {
    const { violatedDirective, blockedURI, sourceFile, documentURI, lineNumber } = event
    const isInline = blockedURI === 'inline' || blockedURI === 'eval'
    tell('its content security policy does not allow ' + (isInline ? 'code in the page itself' : blockedURI || 'this') + ' (' + violatedDirective + '), at ' +
      (sourceFile || documentURI) + ':' + lineNumber + (isInline ? '; put it into a file of its own, or see' : '; see') +
      ' content-security-policy under [host.page] in the configuration')
  })
  window.addEventListener('unhandledrejection', event => {
    const { reason } = event
    tell('a promise was rejected and nobody caught it: ' + (reason && reason.message || reason))
  })
})
