#!/usr/bin/env bash
# under-xvfb.sh COMMAND…: runs a command with a display of its own, and returns its exit code.
set -euo pipefail

exec {numbers}<> <(:)
Xvfb -displayfd "$numbers" -screen 0 1280x900x24 -nolisten tcp 2>/dev/null &
xvfb=$!
trap 'kill "$xvfb" 2>/dev/null || true' EXIT
# Xvfb writes its number when it is ready.
read -r -t 30 -u "$numbers" number || { echo 'Xvfb did not start' >&2; exit 1; }
export DISPLAY=":$number" GDK_BACKEND=x11 LIBGL_ALWAYS_SOFTWARE=1 NO_AT_BRIDGE=1
unset WAYLAND_DISPLAY
code=0
"$@" || code=$?
exit "$code"
