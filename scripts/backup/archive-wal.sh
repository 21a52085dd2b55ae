#!/bin/sh
# PostgreSQL's archive_command: archive-wal.sh %p %f FOLDER
# Ends with 0 only when the segment is whole and on the disk; until then PostgreSQL keeps it and asks again.
set -eu
source=$1
name=$2
wal=$3/wal
target=$wal/$name.gz
here=$(cd "$(dirname "$0")" && pwd)

mkdir -p "$wal"
case $name in
  # Histories of timelines and labels of backups have no header; a segment's says of which cluster it is (xlp_sysid).
  *.*) ;;
  *) "$here/same-cluster.sh" "$3" "$(od -An -tu8 -j24 -N8 "$source" | tr -d ' ')" ;;
esac
if [ -e "$target" ]; then
  # After a crash it asks again for what it could not note down. The same content is fine; other content means that two
  # servers write into one folder, and overwriting would cost the first its backup.
  gzip -dc "$target" | cmp -s - "$source" && exit 0
  echo "archive-wal: $target is there with other content: two servers share this folder" >&2
  exit 1
fi
new=$wal/.$name.$$
trap 'rm -f "$new"' EXIT
gzip -1 -c "$source" > "$new"
sync "$new"
mv "$new" "$target"
sync "$wal"
