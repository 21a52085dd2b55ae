#!/bin/sh
# Refuses a cluster whose backups these are not: same-cluster.sh FOLDER SYSTEM_IDENTIFIER
# A folder belongs to the first cluster that wrote into it. Another one, as the empty one of a machine that was set up anew,
# would be the newest backup, and the real ones would age out behind it. A restored cluster keeps its identifier.
set -eu
known=$1/system-id
if [ ! -e "$known" ]; then
  first=$2
  # A folder of before there was such a file: its newest base backup says whose it is. The identifier is a cluster's first word.
  base=$(ls -1 "$1/base" 2>/dev/null | sort | tail -n 1)
  control=$1/base/$base/global/pg_control
  [ -z "$base" ] || [ ! -e "$control" ] || first=$(od -An -tu8 -N8 "$control" | tr -d ' ')
  new=$1/.system-id.$$
  trap 'rm -f "$new"' EXIT
  echo "$first" > "$new"
  sync "$new"
  mv -n "$new" "$known" || true
fi
owner=$(cat "$known")
[ "$owner" = "$2" ] && exit 0
echo "same-cluster: $1 holds the backups of the cluster $owner, and this is $2: two servers share this folder." \
  "Restore from it, or give this one a folder of its own." >&2
exit 1
