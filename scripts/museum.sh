#!/usr/bin/env bash
# museum.sh [--replace]: builds the fixture `ordinary`, small and without a path of this machine in it, and puts it into
# tests/museum, where every later version finds it. What is there already stays, unless `--replace` is given.
set -euo pipefail

usage='usage: museum.sh [--replace]'
replace=
case "$#,${1:-}" in
  0,) ;;
  1,--replace) replace=yes ;;
  *) echo "$usage" >&2; exit 2 ;;
esac
root=$(cd "$(dirname "$0")/.." && pwd -P)
cd "$root"

rustc=${RUSTC:-rustc}
about_rustc=$("$rustc" -vV)
target=$(sed -n 's/^host: //p' <<<"$about_rustc")
version=$(cargo pkgid --locked -p plugin-api | sed 's/.*[#@]//')
number=$(sed -n 's/^pub const ABI_NUMBER: u32 = \([0-9]*\);$/\1/p' plugin-api/src/abi.rs)
[ -n "$version" ] && [ -n "$number" ] && [ -n "$target" ] || { echo 'version, ABI number or target is not to be found' >&2; exit 1; }
exhibit=tests/museum/$version-abi$number-$target
[ -n "$replace" ] || [ ! -e "$exhibit" ] || { echo "$exhibit is there already; --replace replaces it" >&2; exit 1; }
case "$target" in
  *-apple-*) library=libordinary.dylib ;;
  *-windows-*) library=ordinary.dll ;;
  *) library=libordinary.so ;;
esac

# What a file's path begins with on this machine, and what stands in its place. Of those that fit the last one counts.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
machine=("$HOME" "$cargo_home" "$root")
neutral=(/home /cargo /plugin-host)
# Where crates come from is in the name of their folder.
cargo fetch --quiet --locked --target "$target"
for registry in "$cargo_home"/registry/src/*/; do
  machine+=("${registry%/}")
  neutral+=(/crates)
done
flags=
for index in "${!machine[@]}"; do
  # A home may be the root folder, which is no path of a machine.
  [ -n "${machine[index]%/}" ] || continue
  flags+=${flags:+$'\x1f'}--remap-path-prefix=${machine[index]%/}=${neutral[index]}
done

unset RUSTFLAGS CARGO_BUILD_TARGET RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER
export RUSTC=$rustc CARGO_ENCODED_RUSTFLAGS=$flags CARGO_INCREMENTAL=0
export CARGO_PROFILE_RELEASE_OPT_LEVEL=z CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
export CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_PANIC=unwind
# As a cdylib alone: with an rlib beside it there is no optimisation at link time.
cargo rustc --release --locked -p ordinary --lib --crate-type cdylib --target-dir build/museum
built=build/museum/release/$library

for path in "${machine[@]}"; do
  [ -n "${path%/}" ] || continue
  if grep -qaF -e "${path%/}/" "$built"; then
    echo "$built holds the path ${path%/}, and would tell it to everybody" >&2
    exit 1
  fi
done
for part in "\"abi_number\":$number,\"name\":\"ordinary\"" "\"api_version\":\"$version\"" '"unwinds":true'; do
  grep -qaF -e "$part" "$built" || { echo "$built does not say $part" >&2; exit 1; }
done

commit=$(git rev-parse HEAD 2>/dev/null || echo unknown)
# What the library is made of.
changed=$(git status --porcelain -- plugin-api tests/fixtures/ordinary Cargo.toml Cargo.lock 2>/dev/null || true)
mkdir -p "$exhibit"
cp "$built" "$exhibit/$library"
chmod 644 "$exhibit/$library"
cat >"$exhibit/about.txt" <<END
plugin-api: $version
abi: $number
rustc: $(head -n 1 <<<"$about_rustc")
target: $target
commit: $commit${changed:+, with changes}
date: $(date -u +%F)
END
echo "$exhibit/$library: $(wc -c <"$exhibit/$library" | tr -d ' ') bytes"
