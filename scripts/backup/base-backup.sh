#!/bin/sh
# A base backup of the running server: base-backup.sh FOLDER [KEEP [DAYS]]
# Where the server is and who we are comes from libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD); the login needs
# REPLICATION. The backup is verified against its own SHA-256 manifest, and counts once its log has reached the archive.
# Only then base backups go that are neither of the newest KEEP (7) nor younger than DAYS (7), with the log that only they
# needed: those of nights that failed push nothing out.
set -eu
base=$1/base
wal=$1/wal
keep=${2:-7}
days=${3:-7}
new=$base/.new
unarchived=$1/unarchived
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$base" "$wal"
rm -rf "$new"
pg_basebackup --pgdata="$new" --checkpoint=fast --wal-method=stream --manifest-checksums=SHA256 --no-password
pg_verifybackup --quiet "$new"
if ! "$here/same-cluster.sh" "$1" "$(od -An -tu8 -N8 "$new/global/pg_control" | tr -d ' ')"; then
  rm -rf "$new"
  exit 1
fi
chmod 700 "$new"
# Named after its end: it can bring back any moment from then on.
stamp=$(date -u +%Y%m%dT%H%M%SZ)
mv "$new" "$base/$stamp"
sync

started() { sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\)).*/\1/p' "$base/$1/backup_label"; }

# What the log brings after this backup is lost unless it leaves the machine: a server that archives nothing is found out here,
# also by whoever watches nothing but this script's status.
first=$(started "$stamp")
left=${ARCHIVED_WITHIN:-60}
until [ -e "$wal/$first.gz" ]; do
  if [ "$left" -le 0 ]; then
    # Whole, and better than nothing: it stays. Of a row of such nights the newest does, or they would fill the disk.
    if [ -s "$unarchived" ]; then
      old=$(cat "$unarchived")
      [ "$old" = "$stamp" ] || rm -rf "${base:?}/$old"
    fi
    echo "$stamp" > "$unarchived"
    echo "base-backup: $base/$stamp is whole, but the log does not reach $wal: see PostgreSQL's log for archive-wal" >&2
    exit 1
  fi
  left=$((left - 1))
  sleep 1
done
# What came back from a restore has a base backup of its own now: it is what counts.
rm -f "$unarchived" "$1/before-restore"

young=$(date -u -d "-$days days" +%Y%m%dT%H%M%SZ)
ls -1 "$base" | sort -r | tail -n +"$((keep + 1))" | while read -r old; do
  if [ "$(printf '%s\n%s\n' "$old" "$young" | sort | head -n 1)" = "$old" ]; then rm -rf "${base:?}/$old"; fi
done
pg_archivecleanup -b -x .gz "$wal" "$(started "$(ls -1 "$base" | sort | head -n 1)")"
echo "$base/$stamp"
