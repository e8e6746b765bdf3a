#!/usr/bin/env bash
# show.sh PICTURE COMMAND…: opens a window with a command. Without a display it does so under Xvfb, prints what the page
# reports (the command gets `--report=stay` for that), takes a picture and exits by the report.
set -euo pipefail

picture=$1
if [ -n "${SHOW_PICTURE:-}" ]; then
  coproc HOST { exec "${@:2}" --report=stay; }
  process=$HOST_PID
  while read -r -t 120 line <&"${HOST[0]}"; do
    echo "$line"
    case "$line" in 'report: ok' | 'report: failed') break ;; esac
  done
  mkdir -p "$(dirname "$picture")"
  import -window root -trim +repage "$picture" && echo "picture: $picture"
  kill -TERM "$process" 2>/dev/null || true
  code=0
  wait "$process" || code=$?
  exit "$code"
fi
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
  exec "${@:2}"
fi
SHOW_PICTURE=1 exec "$(dirname "$0")/under-xvfb.sh" "$0" "$@"
