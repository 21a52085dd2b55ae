#!/usr/bin/env bash
# The Python side: finds Python 3.11 or newer, makes .venv, installs exactly what requirements.lock says.
# Does nothing when that has been done for this lock file already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

is_usable() { command -v "$1" >/dev/null && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() {
  local candidate
  if [ -n "${PYTHON:-}" ]; then
    is_usable "$PYTHON" || fail "PYTHON=$PYTHON is not Python 3.11 or newer."
    echo "$PYTHON"
    return
  fi
  # The oldest supported one first: the lock file is tested there, and wheels for it exist longest.
  for candidate in python3.11 python3.12 python3.13 python3 python3.14; do
    if is_usable "$candidate"; then
      echo "$candidate"
      return
    fi
  done
  fail "Python 3.11 or newer is needed and was not found ($(python3 --version 2>/dev/null || echo 'no python3 at all')).
On Debian and Ubuntu: apt install python3 python3-venv. Elsewhere: https://www.python.org/downloads/.
If it is installed under another name: make up PYTHON=/path/to/python3.11"
}

alone
if [ ! -x .venv/bin/python ] || ! is_usable .venv/bin/python; then
  python="$(find_python)"
  say "$("$python" --version) at $(command -v "$python")"
  rm -rf .venv
  trouble="$("$python" -m venv .venv 2>&1)" || fail "$trouble
A virtual environment could not be made. On Debian and Ubuntu the package for it is python3-venv."
fi
PYTHON=.venv/bin/python

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
wanted="$(digest requirements.lock) $("$PYTHON" --version)"
if [ "$(cat .venv/.lock-installed 2>/dev/null)" != "$wanted" ]; then
  quietly setup-python "Python packages of requirements.lock" \
    "$PYTHON" -m pip install --require-hashes --requirement requirements.lock
  echo "$wanted" >.venv/.lock-installed
fi
wanted="$(digest pyproject.toml) $PWD"
if [ "$(cat .venv/.project-installed 2>/dev/null)" != "$wanted" ]; then
  quietly setup-project "The project itself, editable" "$PYTHON" -m pip install --no-deps --editable .
  echo "$wanted" >.venv/.project-installed
fi
