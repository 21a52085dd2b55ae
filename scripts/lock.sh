#!/usr/bin/env bash
# Makes requirements.lock anew from pyproject.toml: for every system and Python from 3.11 on, with hashes, without addresses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

if [ -x .venv/bin/uv ]; then uv=.venv/bin/uv; else uv="$(command -v uv)" || fail "uv is needed: pip install uv"; fi
"$uv" pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --extra embedded --extra dev --no-header --output-file requirements.lock
say "requirements.lock: $(grep -c '==' requirements.lock) packages"
