#!/bin/sh
# A base backup of the database and a copy of the stored objects each night; the log in between is archived by PostgreSQL
# itself. Objects never change under their name, so a copy is what is new; what was deleted stays for thirty days.
# The first round is at once, without a base backup where the last one is young.
# LMS_BACKUP_STAMP is touched after each night on which both succeeded: its age is what lms_backup_age_seconds tells.
set -eu
stamp=${LMS_BACKUP_STAMP:?a file that says when a backup last succeeded}
archive=${BACKUP_ARCHIVE:-/archive} store=${BACKUP_STORE:-/store} scripts=${BACKUP_SCRIPTS:-/backup}
PGPASSWORD=$(cat "${BACKUP_SECRETS:-/run/secrets}/postgres_password")
export PGPASSWORD
list=$archive/.objects
trap 'exit 0' TERM

# Asked by `if`, where a command that fails ends nothing: each of them counts by itself. $1: whether what is not here counts
# as deleted.
copy_objects() {
  [ -d "$store/objects" ] || { echo "backup: there is no store in $store" >&2; return 1; }
  mkdir -p "$archive/store" && cd "$store" || return 1
  # Written down first: in a pipe nobody sees that `find` failed, and what it did not reach would count as deleted.
  find . -ignore_readdir_race -type d -name uploads -prune -o -type d -name tmp -prune -o -type f -print > "$list" || return 1
  failed=0
  # One by one: a file that vanishes meanwhile costs no other, and what is there already stays.
  while IFS= read -r file; do
    if [ ! -e "$archive/store/$file" ] || [ "$file" -nt "$archive/store/$file" ]; then
      copy "$file" || [ ! -e "$file" ] || failed=1
    fi
  done < "$list"
  [ $failed = 0 ] || return 1
  [ "$1" = yes ] || return 0
  # Gone here for thirty days: gone there. The day it was missed first stands beside it.
  cd "$archive/store" || return 1
  find . -type f ! -name '*.gone' ! -name '*.new' -print > "$list" || return 1
  while IFS= read -r file; do
    if [ -e "$store/$file" ]; then
      rm -f "$file.gone" || failed=1
    elif [ ! -e "$file.gone" ]; then
      touch "$file.gone" || failed=1
    elif [ -n "$(find "$file.gone" -mtime +30)" ]; then
      rm -f "$file" "$file.gone" || failed=1
    fi
  done < "$list"
  return $failed
}

copy() {
  mkdir -p "$archive/store/$(dirname "$1")" \
    && cp -p "$1" "$archive/store/$1.new" && mv "$archive/store/$1.new" "$archive/store/$1"
}

# A machine that starts often makes no backup each time. A restore takes last-base away.
is_young() { [ -n "$(find "$archive/last-base" -mmin -720 2>/dev/null)" ]; }

is_first=yes
while true; do
  # Each of them on its own: one that fails must not cost the other.
  whole=yes
  if [ $is_first = yes ] && is_young; then
    echo "backup: the last one is younger than twelve hours; the objects alone"
    whole=no
  elif "$scripts/base-backup.sh" "$archive"; then date -u +%Y-%m-%dT%H:%M:%SZ > "$archive/last-base"; else whole=no; fi
  # The store of a machine whose database these backups are not of, or that is not there, deletes nothing here.
  if (copy_objects $whole); then date -u +%Y-%m-%dT%H:%M:%SZ > "$archive/last-store"; else whole=no; fi
  if [ $whole = yes ]; then touch "$stamp" || echo "nobody is told of this backup" >&2; fi
  is_first=no
  # Until three in the morning, UTC.
  now=$(date -u +%s)
  # Waited for in the background: a shell that waits otherwise hears no signal, and would have to be killed.
  sleep $(( (86400 + 10800 - now % 86400) % 86400 + 60 )) &
  wait $!
done
