// The groups of `window.__TAURI__`: functions that write a message and send it. They send what the npm module of Tauri 0.x sends where
// that has such a function, and know nothing of the plugins that answer.
//
// Commands of plugins are called by their short names, so that an application may have a plugin of its own in the place of one of these. What
// `promisified` takes beside a message, a function here takes after its own arguments, as `follow`.
((api, event, notification, label) => {
  'use strict'

  const { assign, freeze } = Object
  const { isView } = ArrayBuffer
  const NativeArrayBuffer = ArrayBuffer
  const { invoke, promisified, stream } = api
  const isBytes = value => isView(value) || value instanceof NativeArrayBuffer

  // As TypeScript makes them: from names to numbers from 1 on, and back.
  function enumeration(names) {
    const made = {}
    for (let index = 0; index < names.length; index++) {
      made[names[index]] = index + 1
      made[index + 1] = names[index]
    }
    return freeze(made)
  }
  const BaseDirectory = enumeration([
    'Audio', 'Cache', 'Config', 'Data', 'LocalData', 'Desktop', 'Document', 'Download', 'Executable', 'Font', 'Home', 'Picture', 'Public',
    'Runtime', 'Template', 'Video', 'Resource', 'App'
  ])
  const ResponseType = enumeration(['JSON', 'Text', 'Binary'])
  const BodyType = enumeration(['Form', 'File', 'Auto'])

  const plain = cmd => follow => promisified({ cmd }, follow)

  // Of one file or folder.
  const onPath = cmd => (path, options = {}, follow) => promisified({ cmd, path, options }, follow)
  const write = cmd => ({ path, contents }, options = {}, follow) => promisified({ cmd, path, contents, options }, follow)
  const fs = {
    Dir: BaseDirectory,
    BaseDirectory,
    readTextFile: onPath('readTextFile'),
    readBinaryFile: onPath('readBinaryFile'),
    writeFile: write('writeFile'),
    // That of Tauri 0.x sends its bytes as the text of `writeFile`, and files hold Base64 afterwards.
    writeBinaryFile: write('writeBinaryFile'),
    readDir: onPath('readDir'),
    createDir: onPath('createDir'),
    removeDir: onPath('removeDir'),
    removeFile: onPath('removeFile'),
    renameFile: (oldPath, newPath, options = {}, follow) => promisified({ cmd: 'renameFile', oldPath, newPath, options }, follow),
    copyFile: (source, destination, options = {}, follow) => promisified({ cmd: 'copyFile', source, destination, options }, follow),
    readFile: (path, { offset, length, ...options } = {}, follow) => promisified({ cmd: 'readFile', path, offset, length, options }, follow),
    list: onPath('list'),
    metadata: onPath('metadata'),
    exists: onPath('exists'),
    readStream: (path, { offset, length, ...options } = {}, follow) => stream({ cmd: 'readStream', path, offset, length, options }, follow),
    openForWriting: onPath('openForWriting'),
    writeChunk: (file, bytes, follow) => promisified({ cmd: 'writeChunk', file, bytes }, follow),
    closeWriting: (file, { keep } = {}, follow) => promisified({ cmd: 'closeWriting', file, keep }, follow),
    watch: (path, options = {}, follow) => stream({ cmd: 'watch', path, options }, follow)
  }

  const { userAgent } = window.navigator
  const onWindows = userAgent.includes('Windows')
  const resolvePath = (path, directory, follow) => promisified({ cmd: 'resolvePath', path, directory }, follow)
  const folder = directory => follow => resolvePath('', directory, follow)
  const path = {
    resolvePath,
    directories: plain('directories'),
    audioDir: folder(BaseDirectory.Audio),
    cacheDir: folder(BaseDirectory.Cache),
    configDir: folder(BaseDirectory.Config),
    dataDir: folder(BaseDirectory.Data),
    localDataDir: folder(BaseDirectory.LocalData),
    desktopDir: folder(BaseDirectory.Desktop),
    documentDir: folder(BaseDirectory.Document),
    downloadDir: folder(BaseDirectory.Download),
    executableDir: folder(BaseDirectory.Executable),
    fontDir: folder(BaseDirectory.Font),
    homeDir: folder(BaseDirectory.Home),
    pictureDir: folder(BaseDirectory.Picture),
    publicDir: folder(BaseDirectory.Public),
    runtimeDir: folder(BaseDirectory.Runtime),
    templateDir: folder(BaseDirectory.Template),
    videoDir: folder(BaseDirectory.Video),
    resourceDir: folder(BaseDirectory.Resource),
    appDir: folder(BaseDirectory.App),
    sep: onWindows ? '\\' : '/',
    delimiter: onWindows ? ';' : ':'
  }

  // `alert` and `confirm` stay the webview's own. Tauri 0.x put one in the place of `confirm` that returns a promise, so that
  // `if (confirm(…))` is always true; the webview's own is right for that, and for `await confirm(…)` as well.
  const dialog = {
    open: (options = {}, follow) => promisified({ cmd: 'openDialog', options }, follow),
    save: (options = {}, follow) => promisified({ cmd: 'saveDialog', options }, follow),
    message: (message, { title, kind } = {}, follow) => promisified({ cmd: 'messageDialog', message, title, kind }, follow),
    ask: (message, title, follow) => promisified({ cmd: 'askDialog', message, title }, follow)
  }

  const whole = request => typeof request === 'string' ? { method: 'GET', url: request } : request
  // Bytes travel as an argument of their own only.
  function exchange(cmd, options, more, follow) {
    if (!options || !isBytes(options.body)) return promisified(assign({ cmd, options }, more), follow)
    const { body, ...rest } = options
    return promisified(assign({ cmd, options: rest, body }, more), follow)
  }
  const request = (options, follow) => exchange('httpRequest', options, undefined, follow)
  const by = method => (url, options, follow) => request(assign({ method, url }, options), follow)
  const withBody = method => (url, body, options, follow) => request(assign({ method, url, body }, options), follow)
  const http = {
    request,
    get: by('GET'),
    post: withBody('POST'),
    put: withBody('PUT'),
    patch: by('PATCH'),
    delete: by('DELETE'),
    fetch: (request, follow) => exchange('fetch', whole(request), undefined, follow),
    download: (request, path, options, follow) => exchange('download', assign({}, whole(request), options), { path }, follow),
    ResponseType,
    BodyType
  }

  const list = args => typeof args === 'string' ? [args] : args
  const process = {
    execute: (command, args, follow) => promisified({ cmd: 'execute', command, args: list(args) }, follow),
    spawn: (command, args, options, follow) => promisified(assign({}, options, { cmd: 'spawn', command, args: list(args) }), follow),
    writeInput: (process, data, { close } = {}, follow) =>
      promisified({ cmd: 'writeInput', process, [isBytes(data) ? 'bytes' : 'text']: data, close }, follow),
    kill: (process, follow) => promisified({ cmd: 'kill', process }, follow)
  }

  // Without a label they mean the page's own window. By their whole names, but for those of Tauri 0.x: other groups have such words, too.
  const call = (cmd, more) => promisified(assign({}, more, { cmd: 'window/' + cmd }))
  const ofWindow = cmd => window => call(cmd, { window })
  const windows = {
    label,
    setTitle: (title, window) => invoke({ cmd: 'setTitle', title, window }),
    open: uri => invoke({ cmd: 'open', uri }),
    setSize: (width, height, window) => call('setSize', { width, height, window }),
    size: ofWindow('size'),
    setPosition: (x, y, window) => call('setPosition', { x, y, window }),
    position: ofWindow('position'),
    center: ofWindow('center'),
    setFullscreen: (fullscreen, window) => call('setFullscreen', { fullscreen, window }),
    isFullscreen: ofWindow('isFullscreen'),
    minimize: ofWindow('minimize'),
    unminimize: ofWindow('unminimize'),
    maximize: ofWindow('maximize'),
    unmaximize: ofWindow('unmaximize'),
    isMaximized: ofWindow('isMaximized'),
    show: ofWindow('show'),
    hide: ofWindow('hide'),
    setResizable: (resizable, window) => call('setResizable', { resizable, window }),
    setAlwaysOnTop: (alwaysOnTop, window) => call('setAlwaysOnTop', { alwaysOnTop, window }),
    focus: ofWindow('focus'),
    create: (label, options) => call('create', assign({}, options, { label })),
    close: ofWindow('close'),
    list: () => call('list')
  }

  const clipboard = {
    readText: plain('readText'),
    writeText: (text, follow) => promisified({ cmd: 'writeText', text }, follow),
    clear: plain('clear')
  }

  const store = {
    get: (key, follow) => promisified({ cmd: 'storeGet', key }, follow),
    set: (key, value, follow) => promisified({ cmd: 'storeSet', key, value }, follow),
    remove: (key, follow) => promisified({ cmd: 'storeRemove', key }, follow),
    keys: (prefix, follow) => promisified({ cmd: 'storeKeys', prefix }, follow)
  }

  const at = level => message => promisified({ cmd: 'log', level, message })
  const log = { trace: at('trace'), debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }

  return {
    tauri: api, event, fs, path, dialog, http, notification, process, window: windows, cli: { getMatches: plain('cliMatches') }, clipboard,
    store, log
  }
})
