#!/bin/sh
# Bring stored objects back: restore-store.sh FOLDER STORE [--to '2026-11-29 10:30:00 UTC']
# Puts every object of the backup that the store lacks in its place; what is there stays. Objects that had been deleted stay
# so; with --to those come back that were still there at that moment, as far as the backup keeps them.
set -eu
from=$(cd "$1" && pwd)/store
store=$(cd "$2" && pwd)
shift 2
moment=
case ${1:-} in
  '') ;;
  --to) moment=$2 ;;
  *) echo "restore-store: what is $1?" >&2; exit 2 ;;
esac
[ -d "$from/objects" ] || { echo "restore-store: there are no objects in $from" >&2; exit 2; }
list=$(mktemp)
at=$(mktemp)
trap 'rm -f "$list" "$at"' EXIT
[ -z "$moment" ] || touch -d "$moment" "$at"

# The backup was made by another user: everything is the store's again, or it could write nowhere.
owner=$(stat -c %u:%g "$store")
cd "$from"
find . -type f ! -name '*.gone' ! -name '*.new' -print > "$list"
count=0
while IFS= read -r file; do
  if [ -e "$file.gone" ] && { [ -z "$moment" ] || [ ! "$file.gone" -nt "$at" ]; }; then continue; fi
  [ ! -e "$store/$file" ] || continue
  mkdir -p "$store/$(dirname "$file")"
  cp -p "$file" "$store/$file.new"
  mv "$store/$file.new" "$store/$file"
  count=$((count + 1))
done < "$list"
chown -R "${STORE_OWNER:-$owner}" "$store"
sync
echo "$count objects put back"
