#!/bin/sh
# A base backup of the running server: base-backup.sh FOLDER [KEEP]
# Where the server is and who we are comes from libpq's variables (PGHOST, PGPORT, PGUSER, PGPASSWORD); the login needs
# REPLICATION. The backup is verified against its own SHA-256 manifest before it counts, and only then do base backups
# beyond the newest KEEP (7) go, with the log that only they needed.
set -eu
base=$1/base
wal=$1/wal
keep=${2:-7}
new=$base/.new
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

ls -1 "$base" | sort -r | tail -n +"$((keep + 1))" | while read -r old; do
  rm -rf "${base:?}/$old"
done
oldest=$(ls -1 "$base" | sort | head -n 1)
first=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\)).*/\1/p' "$base/$oldest/backup_label")
pg_archivecleanup -b -x .gz "$wal" "$first"

# What the log brings after this backup is lost unless it leaves the machine: a server that archives nothing is found out here,
# also by whoever watches nothing but this script's status.
started=$(sed -n 's/^START WAL LOCATION: .* (file \([0-9A-F]*\)).*/\1/p' "$base/$stamp/backup_label")
left=${ARCHIVED_WITHIN:-60}
until [ -e "$wal/$started.gz" ]; do
  if [ "$left" -le 0 ]; then
    echo "base-backup: $base/$stamp is whole, but the log does not reach $wal: see PostgreSQL's log for archive-wal" >&2
    exit 1
  fi
  left=$((left - 1))
  sleep 1
done
echo "$base/$stamp"
