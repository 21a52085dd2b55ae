#!/usr/bin/env bash
# The images that ours is built from, and those of others that run beside it: scripts/image_pins.sh write|check
#   write   asks the registry for the digest of each name and version and writes it behind them, in place
#   check   fails where one is named without its digest: the same name may be another image tomorrow
# Which names and versions is said in the Dockerfile's first lines and in docker-compose.yml, and changed there by hand.
set -euo pipefail
cd "${IMAGE_PINS_ROOT:-$(dirname "${BASH_SOURCE[0]}")/..}"
source scripts/lib.sh

FILES=(Dockerfile docker-compose.yml)
NAMED='docker\.io/[A-Za-z0-9_./-]+:[A-Za-z0-9_.-]+'

# Each image once, with its digest where it has one. Comments name none.
named() { sed 's/^[[:space:]]*#.*//' "${FILES[@]}" | grep -oE "$NAMED(@sha256:[0-9a-f]{64})?" | sort -u; }

digest() {
  if docker buildx version >/dev/null 2>&1; then
    docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1"
  elif command -v skopeo >/dev/null; then
    skopeo inspect --format '{{.Digest}}' "docker://$1"
  else
    fail "Neither docker buildx nor skopeo is here, and one of them has to ask the registry."
  fi
}

write() {
  local image name found pins=()
  # All of them are asked first: a registry that fails half-way leaves the files as they are.
  for image in $(named); do
    name="${image%@*}"
    found="$(digest "$name")" || fail "The registry does not say which image $name is. Nothing was written."
    [[ "$found" =~ ^sha256:[0-9a-f]{64}$ ]] || fail "The registry said '$found' of $name: no digest. Nothing was written."
    pins+=("$name@$found")
  done
  for image in "${pins[@]}"; do
    name="${image%@*}"
    sed -i -E "/^[[:space:]]*#/! s|${name//./\\.}(@sha256:[0-9a-f]{64})?([[:space:]]\|$)|$image\2|" "${FILES[@]}"
    say "$image"
  done
}

check() {
  local image loose=()
  for image in $(named); do
    [[ "$image" == *@sha256:* ]] || loose+=("$image")
  done
  [ ${#loose[@]} -eq 0 ] || fail "Named without a digest: ${loose[*]}. Where a registry is reached: make image-pins, and commit what it writes."
  say "every image is named by its digest"
}

case "${1:-}" in
  write | check) "$1" ;;
  *) fail "scripts/image_pins.sh write|check" ;;
esac
