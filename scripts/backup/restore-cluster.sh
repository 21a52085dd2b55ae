#!/bin/sh
# Bring a cluster back: restore-cluster.sh FOLDER PGDATA [--to '2026-11-29 10:30:00 UTC' | --point NAME] [--timeline N]
# Puts the newest base backup that leads there at PGDATA, ready for a server that replays the archived log at its next
# start: to the end, to a moment, or to a named restore point. PGDATA must not exist.
#
# Every restore begins a timeline of its own, and what was written before stays beside it in the same folder. With --to it
# is the timeline that was written on at that moment. Otherwise it is the newest, but after a restore to the past, as long
# as nobody was let in (FOLDER/before-restore), the one that was the newest before it. --timeline says it instead.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
data=$2
shift 2
refuse() { echo "restore-cluster: $*" >&2; exit 2; }
target=
moment=
newest=99999999T999999Z
told=
while [ $# -gt 0 ]; do
  case $1 in
    --to)
      target="recovery_target_time = '$2'"
      moment=$(date -u -d "$2" +%s)
      newest=$(date -u -d "$2" +%Y%m%dT%H%M%SZ) ;;
    --point) target="recovery_target_name = '$2'" ;;
    --timeline)
      case $2 in '' | 0* | *[!0-9]*) refuse "$2 is no timeline" ;; esac
      told=$2 ;;
    *) refuse "what is $1?" ;;
  esac
  shift 2
done
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
  refuse "$data is not empty. Move it away first: nothing is overwritten."
fi

history_at() { printf '%s/wal/%08X.history.gz' "$folder" "$1"; }

# The timelines that the folder knows, in the order in which they began.
timelines() {
  echo 1
  ls "$folder/wal" | sed -n 's/^\([0-9A-F]\{8\}\)\.history\.gz$/\1/p' | sort | while read -r name; do echo $((0x$name)); done
}

# When a timeline began, in seconds: gzip has noted when PostgreSQL wrote its history, which no copy of the folder changes.
began() {
  if [ "$1" = 1 ]; then echo 0; return; fi
  noted=$(od --endian=little -An -tu4 -j4 -N4 "$(history_at "$1")" | tr -d ' ')
  [ "$noted" != 0 ] || noted=$(stat -c %Y "$(history_at "$1")")
  echo "$noted"
}

position() { echo $(((0x${1%/*} << 32) + 0x${1#*/})); }

newest_timeline=$(timelines | tail -n 1)
before=$folder/before-restore
timeline=$told
if [ -n "$timeline" ]; then :
elif [ -n "$moment" ]; then
  timeline=1
  for found in $(timelines); do
    if [ "$(began "$found")" -le "$moment" ]; then timeline=$found; fi
  done
elif [ -e "$before" ]; then timeline=$(cat "$before")
else timeline=$newest_timeline
fi

forks=
if [ "$timeline" != 1 ]; then
  [ -e "$(history_at "$timeline")" ] || refuse "there is no timeline $timeline in $folder"
  lines=$(gzip -dc "$(history_at "$timeline")" | grep '^[0-9]')
  forks=$(echo "$lines" | sed -n 's/^\([0-9]*\)[[:space:]]*\([0-9A-F]*\/[0-9A-F]*\).*/\1 \2/p')
  # One that began with a restore to the past has nothing of the time between that past and the restore. One that went on
  # where another had ended has all of it.
  case $(echo "$lines" | tail -n 1) in
    *"no recovery target specified"*) ;;
    *)
      if [ -n "$moment" ] && [ "$moment" -lt "$(began "$timeline")" ]; then
        refuse "timeline $timeline began at $(date -u -d "@$(began "$timeline")" '+%F %T UTC'), later than that, with a" \
          "restore to the past. Without --timeline it is the one that was written on then."
      fi ;;
  esac
fi

# Whether the base backup leads to the timeline: it was made on it, or on one that it came from, before it left that.
leads() {
  own=$(sed -n 's/^START TIMELINE: \([0-9][0-9]*\)$/\1/p' "$folder/base/$1/backup_label")
  end=$(sed -n 's/.*"End-LSN": "\([0-9A-F]*\/[0-9A-F]*\)".*/\1/p' "$folder/base/$1/backup_manifest" | tail -n 1)
  [ -n "$own" ] && [ -n "$end" ] || return 1
  [ "$own" != "$timeline" ] || return 0
  came_from=1
  while read -r parent fork; do
    [ -n "$parent" ] && [ "$parent" -ge "$own" ] || continue
    [ "$parent" != "$own" ] || came_from=0
    [ "$(position "$end")" -le "$(position "$fork")" ] || return 1
  done <<END
$forks
END
  return $came_from
}

chosen=
for found in $(ls -1 "$folder/base" | sort); do
  if [ "$(printf '%s\n%s\n' "$found" "$newest" | sort | head -n 1)" = "$found" ] && leads "$found"; then
    chosen=$found
  fi
done
[ -n "$chosen" ] || refuse "there is no base backup of timeline $timeline in $folder/base that had ended by then"

new=$data.restored
rm -rf "$new"
cp -a "$folder/base/$chosen" "$new"
conf=$new/postgresql.auto.conf
# What an earlier restore wrote came along with the base backup.
grep -v '^restore_command\|^recovery_target' "$conf" > "$conf.new" || true
{
  echo "restore_command = '\"$here/restore-wal.sh\" \"%f\" \"%p\" \"$folder\"'"
  echo "recovery_target_timeline = '$timeline'"
  echo "recovery_target_action = 'promote'"
  [ -z "$target" ] || echo "$target"
} >> "$conf.new"
mv "$conf.new" "$conf"
touch "$new/recovery.signal"
chmod 700 "$new"
# Noted before a server can begin another timeline: what is the newest now is what a restore to the past can be taken back to.
if [ -n "$target$told" ] && [ ! -e "$before" ]; then
  echo "$newest_timeline" > "$before.new"
  mv "$before.new" "$before"
fi
# What comes back wants a base backup of its own, however young the last one is.
rm -f "$folder/last-base"
[ ! -e "$data" ] || rmdir "$data"
mv "$new" "$data"
sync
echo "$chosen, timeline $timeline"
