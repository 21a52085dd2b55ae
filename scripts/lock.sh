#!/usr/bin/env bash
# Makes the three locks anew from pyproject.toml: for every system and Python from 3.11 on, with hashes, without addresses.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

[ -x .venv/bin/uv ] || quietly setup-uv "uv, which makes the lock" .venv/bin/python -m pip install uv
compile() {
  .venv/bin/uv pip compile "$@" --quiet --universal --python-version 3.11 --generate-hashes --no-header
}
compile pyproject.toml --extra embedded --extra dev --output-file requirements.lock
# The image has a part of it, in the same versions; its wheel is built by what the last one says.
compile pyproject.toml --extra image --constraint requirements.lock --no-annotate --output-file requirements-image.lock
echo "hatchling>=1.27" | compile - --no-annotate --output-file requirements-build.lock
for lock in requirements.lock requirements-image.lock requirements-build.lock; do
  say "$lock: $(grep -c '==' "$lock") packages"
done
