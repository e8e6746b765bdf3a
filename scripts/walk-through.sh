#!/usr/bin/env bash
# walk-through.sh PLUGIN_HOST: from an empty folder to a plugin that is tested, checked, and answers its page in the window, by the
# commands of the guide. Tells how long each took.
set -euo pipefail

host=$(realpath "${1:?the program is missing}")
scripts=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
name=walk-through
cd "$folder"

began=$(date +%s%N)
seconds() { printf '%d.%d' $(($1 / 1000000000)) $(($1 / 100000000 % 10)); }
step() {
  local start
  start=$(date +%s%N)
  "$@" >"$folder/said" 2>&1 || { cat "$folder/said" >&2; echo "failed: $*" >&2; exit 1; }
  printf '%7s s  %s\n' "$(seconds $(($(date +%s%N) - start)))" "${*/#$host/plugin-host}"
}
window=()
[ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] || window=("$scripts/under-xvfb.sh")

step "$host" new "$name"
cd "$name"
built=${CARGO_TARGET_DIR:-target}/debug
library=$built/libwalk_through.so
[ "$(uname)" != Darwin ] || library=$built/libwalk_through.dylib
step cargo fmt --check
step cargo clippy --all-targets -- -D warnings
step cargo test
step cargo build
step "$host" check "$library" --level 3
step "$host" types --only --plugins "$built" --data "$folder/data" --out page/plugin-host.d.ts
grep -q walkThroughGreet page/plugin-host.d.ts
step "${window[@]}" "$host" run --only --plugins "$built" --data "$folder/data" --frontend page --allow-all --report
grep -F 'report: Hello, World! (1 so far)' "$folder/said"
printf '%7s s  from an empty folder to a resolved promise in the window\n' "$(seconds $(($(date +%s%N) - began)))"
