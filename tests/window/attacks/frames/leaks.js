// A script of the page's own, with something in it that only the page is to have.
self.leaked = 'what only the page is to have'
