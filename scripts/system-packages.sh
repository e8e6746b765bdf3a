#!/usr/bin/env bash
# system-packages.sh [node]: installs the system packages that are missing, on Debian and Ubuntu, with `node` those that tests need
# as well: for pages from npm, and for a user who types, a window manager and a session's bus. Says which; without a missing one it says nothing.
set -euo pipefail

command -v cargo >/dev/null || { echo 'cargo is missing: install Rust 1.95 or newer' >&2; exit 1; }
packages=(build-essential pkg-config libwebkit2gtk-4.1-dev xvfb xauth imagemagick)
[ "${1:-}" != node ] || packages+=(dbus openbox xdotool)

if ! command -v apt-get >/dev/null; then
  pkg-config --exists webkit2gtk-4.1 && exit 0
  [ "${1:-}" != node ] || command -v npm >/dev/null || { echo 'npm is missing: install Node.js 18 or newer' >&2; exit 1; }
  echo 'this is no Debian or Ubuntu: install the development files of WebKitGTK 4.1, Xvfb and ImageMagick, and for tests xdotool, openbox and dbus' >&2
  exit 1
fi

missing=()
for package in "${packages[@]}"; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
# Node.js often comes from elsewhere.
if [ "${1:-}" = node ]; then
  command -v node >/dev/null || missing+=(nodejs)
  command -v npm >/dev/null || missing+=(npm)
  command -v openssl >/dev/null || missing+=(openssl)
fi
# A compiler besides the default one, for a test; where the system has one that is new enough, and it pushes nothing out.
second_compiler() {
  [ ! -e /usr/bin/rustc ] && [ ! -e /usr/bin/cargo ] || return 0
  local candidate
  candidate=$(LC_ALL=C apt-cache policy rustc-web | sed -n 's/^ *Candidate: \([0-9].*\)$/\1/p')
  [ -z "$candidate" ] || ! dpkg --compare-versions "$candidate" ge 1.95 || missing+=(rustc-web cargo-web)
}
[ "${1:-}" != node ] || second_compiler
[ "${#missing[@]}" -eq 0 ] && exit 0

echo "installing missing system packages: ${missing[*]}"
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
"${as_root[@]}" apt-get update -qq
# The lists may have been empty before. One that is named twice is installed once.
[ "${1:-}" != node ] || second_compiler
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
