#!/bin/sh
# Bring a cluster back: restore-cluster.sh FOLDER PGDATA [--to '2026-11-29 10:30:00 UTC' | --point NAME]
# Puts the newest base backup (with --to: the newest that had ended by then) at PGDATA, ready for a server that replays
# the archived log at its next start: to the end, to a moment, or to a named restore point. PGDATA must not exist.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
data=$2
shift 2
target=
newest=99999999T999999Z
while [ $# -gt 0 ]; do
  case $1 in
    --to)
      target="recovery_target_time = '$2'"
      newest=$(date -u -d "$2" +%Y%m%dT%H%M%SZ)
      shift 2 ;;
    --point)
      target="recovery_target_name = '$2'"
      shift 2 ;;
    *)
      echo "restore-cluster: what is $1?" >&2
      exit 2 ;;
  esac
done
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
  echo "restore-cluster: $data is not empty. Move it away first: nothing is overwritten." >&2
  exit 2
fi
chosen=
for found in $(ls -1 "$folder/base" | sort); do
  if [ "$(printf '%s\n%s\n' "$found" "$newest" | sort | head -n 1)" = "$found" ]; then
    chosen=$found
  fi
done
if [ -z "$chosen" ]; then
  echo "restore-cluster: there is no base backup in $folder/base that had ended by then" >&2
  exit 2
fi

new=$data.restored
rm -rf "$new"
cp -a "$folder/base/$chosen" "$new"
conf=$new/postgresql.auto.conf
# What an earlier restore wrote came along with the base backup.
grep -v '^restore_command\|^recovery_target' "$conf" > "$conf.new" || true
{
  echo "restore_command = '\"$here/restore-wal.sh\" \"%f\" \"%p\" \"$folder\"'"
  echo "recovery_target_timeline = 'latest'"
  echo "recovery_target_action = 'promote'"
  [ -z "$target" ] || echo "$target"
} >> "$conf.new"
mv "$conf.new" "$conf"
touch "$new/recovery.signal"
chmod 700 "$new"
[ ! -e "$data" ] || rmdir "$data"
mv "$new" "$data"
sync
echo "$chosen"
