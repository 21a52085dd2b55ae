#!/bin/sh
# A base backup of the database and a copy of the stored objects each night; the log in between is archived by PostgreSQL
# itself. Objects never change under their name, so a copy is what is new; what was deleted stays for thirty days.
# LMS_BACKUP_STAMP is touched after each night on which both succeeded: its age is what lms_backup_age_seconds tells.
set -eu
stamp=${LMS_BACKUP_STAMP:?a file that says when a backup last succeeded}
archive=${BACKUP_ARCHIVE:-/archive} store=${BACKUP_STORE:-/store} scripts=${BACKUP_SCRIPTS:-/backup}
PGPASSWORD=$(cat "${BACKUP_SECRETS:-/run/secrets}/postgres_password")
export PGPASSWORD
trap 'exit 0' TERM

# Asked by `if`, where a command that fails ends nothing: each of them counts by itself.
copy_objects() {
  mkdir -p "$archive/store" && cd "$store" || return 1
  # One by one: a file that vanishes meanwhile costs no other, and what is there already stays.
  find . -type d -name uploads -prune -o -type d -name tmp -prune -o -type f -print | {
    failed=0
    while read -r file; do
      if [ ! -e "$archive/store/$file" ] || [ "$file" -nt "$archive/store/$file" ]; then
        copy "$file" || [ ! -e "$file" ] || failed=1
      fi
    done
    exit $failed
  } || return 1
  # Gone here for thirty days: gone there. The day it was missed first stands beside it.
  cd "$archive/store" || return 1
  find . -type f ! -name '*.gone' -print | {
    failed=0
    while read -r file; do
      if [ -e "$store/$file" ]; then
        rm -f "$file.gone" || failed=1
      elif [ ! -e "$file.gone" ]; then
        touch "$file.gone" || failed=1
      elif [ -n "$(find "$file.gone" -mtime +30)" ]; then
        rm -f "$file" "$file.gone" || failed=1
      fi
    done
    exit $failed
  }
}

copy() {
  mkdir -p "$archive/store/$(dirname "$1")" \
    && cp -p "$1" "$archive/store/$1.new" && mv "$archive/store/$1.new" "$archive/store/$1"
}

while true; do
  # Each of them on its own: one that fails must not cost the other.
  whole=yes
  if "$scripts/base-backup.sh" "$archive"; then date -u +%Y-%m-%dT%H:%M:%SZ > "$archive/last-base"; else whole=no; fi
  if (copy_objects); then date -u +%Y-%m-%dT%H:%M:%SZ > "$archive/last-store"; else whole=no; fi
  if [ $whole = yes ]; then touch "$stamp" || echo "nobody is told of this backup" >&2; fi
  # Until three in the morning, UTC.
  now=$(date -u +%s)
  # Waited for in the background: a shell that waits otherwise hears no signal, and would have to be killed.
  sleep $(( (86400 + 10800 - now % 86400) % 86400 + 60 )) &
  wait $!
done
