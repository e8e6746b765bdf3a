// What the page's script posts and asks the host for: the one part of it that knows the secret, and small for that reason.
//
// Makes the two ways to the host, for a page of an origin that has a secret, and nothing for all others. The secret is in the
// first line of what is sent and nowhere else: in no address, which the page can list; in no object that the page can get at;
// and nothing that the page may have changed by then is asked to handle it. Prototypes have getters and setters, so what holds
// the secret is a text, an array of bytes that only the functions taken here touch, or an object without a prototype.
((keys, maxMessage) => {
  'use strict'

  const { apply, getOwnPropertyDescriptor, getPrototypeOf } = Reflect
  const { location } = window
  const own = getOwnPropertyDescriptor(keys, location.protocol + '//' + location.host)
  if (!own) return null
  const secret = own.value[0], address = own.value[1]

  // Taken from the webview itself: what wry puts before it looks it up at each post, where the page may have put something else.
  const { webkit, chrome } = window
  const handler = webkit && webkit.messageHandlers ? webkit.messageHandlers.ipc : chrome && chrome.webview || window.ipc
  const postMessage = handler.postMessage
  const nativeFetch = window.fetch
  const Bytes = Uint8Array
  const setBytes = Bytes.prototype.set
  const lengthOf = getOwnPropertyDescriptor(getPrototypeOf(Bytes.prototype), 'length').get
  const encoder = new TextEncoder()
  const encode = encoder.encode

  const head = token => secret + ' ' + token + '\n'

  // Posts lines of a page session.
  function post(token, lines) {
    apply(postMessage, handler, [head(token) + lines])
  }

  // Sends a request of a page session: a text and arrays of bytes. The promise of a response; where it is too long, `tooLong`
  // hears how many bytes it has.
  function ask(token, text, parts, tooLong) {
    const begin = apply(encode, encoder, [head(token) + text])
    let length = apply(lengthOf, begin, [])
    for (let index = 0; index < parts.length; index++) length += apply(lengthOf, parts[index], [])
    if (length > maxMessage) return tooLong(length)
    const body = new Bytes(length)
    apply(setBytes, body, [begin, 0])
    let at = apply(lengthOf, begin, [])
    for (let index = 0; index < parts.length; index++) {
      apply(setBytes, body, [parts[index], at])
      at += apply(lengthOf, parts[index], [])
    }
    return apply(nativeFetch, window, [address, { __proto__: null, method: 'POST', body }])
  }

  return { __proto__: null, post, ask }
})
