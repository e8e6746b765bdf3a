#!/usr/bin/env bash
# collect-plugins.sh PROFILE FOLDER CRATE…: puts the libraries of plugin crates into a folder.
set -euo pipefail

profile=$1 folder=$2
shift 2
mkdir -p "$folder"
case "$(uname -s)" in Darwin) extension=dylib ;; *) extension=so ;; esac
for crate in "$@"; do
  library="lib${crate//-/_}.$extension"
  # Renamed into place: whoever watches the folder sees a whole library.
  cp "${CARGO_TARGET_DIR:-target}/$profile/$library" "$folder/.$library.part"
  mv -f "$folder/.$library.part" "$folder/$library"
done
