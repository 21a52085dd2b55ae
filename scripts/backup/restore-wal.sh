#!/bin/sh
# PostgreSQL's restore_command: restore-wal.sh %f %p FOLDER
# 1 where the archive does not have it, which for PostgreSQL is the end of the road.
set -eu
name=$1
target=$2
archived=$3/wal/$name.gz

[ -e "$archived" ] || exit 1
# Anything but 0 and 1 would be taken for the end as well, and a damaged segment is not the end: stop loudly.
gzip -dc "$archived" > "$target.part" || { echo "restore-wal: $archived is damaged" >&2; exit 200; }
mv "$target.part" "$target"
