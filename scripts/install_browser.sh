#!/usr/bin/env bash
# Chromium for the tests that drive a real browser: found where it is, installed where that is possible, else said loudly.
# Prints the path as its last line.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

find_browser() {
  local candidate
  for candidate in "${LMS_CHROMIUM:-}" chromium chromium-browser google-chrome-stable google-chrome; do
    # A snap's wrapper answers to the name without being there: only one that runs counts.
    if [ -n "$candidate" ] && command -v "$candidate" >/dev/null && "$candidate" --version >/dev/null 2>&1; then
      command -v "$candidate"
      return
    fi
  done
  return 1
}

if path="$(find_browser)"; then
  echo "$path"
  exit 0
fi
if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  quietly setup-apt "The system's list of packages" apt-get update -q
  quietly setup-browser "Chromium" apt-get install -y -q --no-install-recommends chromium fonts-liberation
  path="$(find_browser)" && echo "$path" && exit 0
fi
fail "No Chromium was found, and it cannot be installed from here (that needs root and apt).
The tests that drive a browser cannot run without it. Install it (Debian: apt install chromium fonts-liberation)
or name one: LMS_CHROMIUM=/path/to/chrome make test"
