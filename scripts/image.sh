#!/usr/bin/env bash
# Builds the image with whatever builder this machine has. IMAGE is its name (default: lms:<RELEASE>), RELEASE its version
# (default: what git says). With PUSH=1 it is pushed, and its digest is the last line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

RELEASE="${RELEASE:-$(git describe --tags --always --dirty)}"
IMAGE="${IMAGE:-lms:$RELEASE}"

builder="$(command -v docker || command -v podman || true)"
[ -n "$builder" ] || fail "Neither docker nor podman is here. make image-check does the same build without either."
"$builder" info >/dev/null 2>&1 || fail "$builder is here, and its service is not: start it, or take make image-check."
"$builder" build --build-arg "RELEASE=$RELEASE" --tag "$IMAGE" .
if [ "${PUSH:-}" = 1 ]; then
  "$builder" push "$IMAGE"
  "$builder" image inspect --format '{{index .RepoDigests 0}}' "$IMAGE"
fi
