# Shared by the set-up scripts: words to the terminal, and stamps that say what has been done already.
# shellcheck shell=bash

say() { printf '  %s\n' "$*"; }

fail() {
  printf '\n%s\n\n' "$*" >&2
  exit 1
}

# Runs a command quietly; its output is shown when it fails, and kept in .local/log/<name>.log either way.
quietly() {
  local name="$1" title="$2" log began=$SECONDS
  shift 2
  mkdir -p .local && mkdir -p -m 700 .local/log
  log=".local/log/$name.log"
  say "$title …"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    fail "$title did not work. The whole output is in $log."
  fi
  say "$title: done in $((SECONDS - began)) s"
}

# One hash of the contents and names of the given files and folders. Python is there: the set-up found it first.
digest() {
  "${PYTHON:-python3}" - "$@" <<'PY'
import hashlib, os, sys

total = hashlib.sha256()
for given in sys.argv[1:]:
    files = [given] if os.path.isfile(given) else sorted(
        os.path.join(folder, name) for folder, _, names in os.walk(given) for name in names
    )
    for file in files:
        total.update(file.encode() + b"\0")
        with open(file, "rb") as content:
            total.update(content.read())
print(total.hexdigest())
PY
}

# Two set-ups of one checkout at the same time would write over each other.
alone() {
  mkdir -p .local
  if command -v flock >/dev/null; then
    exec 9>.local/setup.lock
    flock -n 9 || { say "another set-up of this checkout is running; waiting for it" && flock 9; }
  fi
}
