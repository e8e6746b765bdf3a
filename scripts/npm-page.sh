#!/usr/bin/env bash
# npm-page.sh FOLDER: bundles the test pages that import the npm modules of Tauri 0.x and 2, and those modules for the tests of the
# page's script, and checks the types of `host/js`.
set -euo pipefail

folder=$(mkdir -p "$1/v2" && cd "$1" && pwd)
cd "$(dirname "$0")/../tests/window/npm"
# The package's own dependencies are those of a build tool; the page needs the files of the package alone.
package=tauri@0.11.1
integrity='sha512-rcnUBpK4vwfc+O0tQcFNNxd8ItHg0DH7CrtzTlWBukrHw7HxuoOQgzqu+o2+UZNlgL4togVky16UhUEG2Djgrw=='

npm ci --silent
archive=node_modules/$(npm pack --silent --pack-destination node_modules "$package")
found="sha512-$(openssl dgst -sha512 -binary "$archive" | base64 -w0)"
[ "$found" = "$integrity" ] || { echo "$package is not the one that was published" >&2; exit 1; }
mkdir -p node_modules/tauri
tar -xzf "$archive" -C node_modules/tauri --strip-components=1

npx --no-install tsc --strict --noEmit --lib esnext,dom --module nodenext types.ts
bundle() { npx --no-install esbuild "$1" --bundle --format=esm --log-level=warning --outfile="$folder/$2"; }
bundle modules.js modules.mjs
bundle v2.js v2/page.js
cp index.html "$folder/v2/index.html"
bundle api.js api/page.js
cp index.html "$folder/api/index.html"
# Last, as the Makefile asks whether it is there.
cp index.html "$folder/index.html"
bundle page.js page.js
