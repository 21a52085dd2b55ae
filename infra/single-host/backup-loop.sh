#!/bin/sh
# A base backup of the database and a copy of the stored objects each night; the log in between is archived by PostgreSQL
# itself. Objects never change under their name, so a copy is what is new; what was deleted stays for thirty days.
set -eu
PGPASSWORD=$(cat /run/secrets/postgres_password)
export PGPASSWORD

copy_objects() {
  mkdir -p /archive/store
  cd /store
  # tar and not cp: it goes on past files that vanish meanwhile, and what is there already stays.
  find . -type d -name uploads -prune -o -type d -name tmp -prune -o -type f -print | while read -r file; do
    if [ ! -e "/archive/store/$file" ] || [ "$file" -nt "/archive/store/$file" ]; then
      mkdir -p "/archive/store/$(dirname "$file")"
      cp -p "$file" "/archive/store/$file.new" && mv "/archive/store/$file.new" "/archive/store/$file"
    fi
  done
  # Gone here for thirty days: gone there. The day it was missed first stands beside it.
  cd /archive/store
  find . -type f ! -name '*.gone' -print | while read -r file; do
    if [ -e "/store/$file" ]; then
      rm -f "$file.gone"
    elif [ ! -e "$file.gone" ]; then
      touch "$file.gone"
    elif [ -n "$(find "$file.gone" -mtime +30)" ]; then
      rm -f "$file" "$file.gone"
    fi
  done
}

while true; do
  # Each of them on its own: one that fails must not cost the other.
  if /backup/base-backup.sh /archive; then date -u +%Y-%m-%dT%H:%M:%SZ > /archive/last-base; fi
  if copy_objects; then date -u +%Y-%m-%dT%H:%M:%SZ > /archive/last-store; fi
  # Until three in the morning, UTC.
  now=$(date -u +%s)
  sleep $(( (86400 + 10800 - now % 86400) % 86400 + 60 ))
done
