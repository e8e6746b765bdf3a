#!/usr/bin/env bash
# show.sh HOST PLUGINS FRONTEND PICTURE: opens the window. Without a display it does so under Xvfb, prints what the page
# reports, takes a picture and exits by the report.
set -euo pipefail

host=$1 plugins=$2 frontend=$3 picture=$4
if [ -n "${SHOW_PICTURE:-}" ]; then
  coproc HOST { exec "$host" run --plugins "$plugins" --frontend "$frontend" --report=stay; }
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
  exec "$host" run --plugins "$plugins" --frontend "$frontend"
fi
SHOW_PICTURE=1 exec "$(dirname "$0")/under-xvfb.sh" "$0" "$@"
