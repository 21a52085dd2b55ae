#!/usr/bin/env bash
# The frontend: finds Node.js 20 or newer, installs exactly what package-lock.json says, builds the application.
# Each of the two is skipped when its inputs have not changed. With "packages" as argument it does not build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

major="$(node --version 2>/dev/null | sed -E 's/^v([0-9]+).*/\1/' || true)"
if ! [[ "$major" =~ ^[0-9]+$ ]] || [ "$major" -lt 20 ]; then
  fail "Node.js 20 or newer is needed; found: $(node --version 2>/dev/null || echo none).
See https://nodejs.org/en/download, or your system's package manager."
fi
command -v npm >/dev/null || fail "npm is needed and was not found. It comes with Node.js; on Debian the package is npm."

alone
PYTHON=.venv/bin/python
wanted="$(digest frontend/package.json frontend/package-lock.json) $(node --version)"
if [ "$(cat frontend/node_modules/.installed 2>/dev/null)" != "$wanted" ]; then
  quietly setup-npm "Packages of the frontend" npm --prefix frontend ci --ignore-scripts --no-audit --no-fund
  echo "$wanted" >frontend/node_modules/.installed
fi
[ "${1:-}" = "packages" ] && exit 0

inputs=()
for entry in frontend/* frontend/.npmrc; do
  case "$entry" in
    frontend/node_modules | frontend/dist | frontend/coverage | *.tsbuildinfo) ;;
    *) [ -e "$entry" ] && inputs+=("$entry") ;;
  esac
done
wanted="$(digest "${inputs[@]}") $(node --version)"
if [ "$(cat frontend/dist/.built 2>/dev/null)" != "$wanted" ]; then
  quietly setup-frontend "The application" npm --prefix frontend run build
  echo "$wanted" >frontend/dist/.built
fi
