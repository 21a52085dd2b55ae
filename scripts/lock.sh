#!/usr/bin/env bash
# Makes requirements.lock anew from pyproject.toml: for every system and Python from 3.11 on, with hashes, without addresses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

[ -x .venv/bin/uv ] || quietly setup-uv "uv, which makes the lock" .venv/bin/python -m pip install uv
.venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
  --extra embedded --extra dev --no-header --output-file requirements.lock
say "requirements.lock: $(grep -c '==' requirements.lock) packages"
