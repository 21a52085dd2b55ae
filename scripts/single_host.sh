#!/usr/bin/env bash
# One host with Docker: releases, the way back, commands. docs/operations/single-host.md is the page to follow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

USAGE="scripts/single_host.sh init <site host> <content domain> | deploy <image> | rollback | restore-store [--to <time>] |
  restore [--to <time> | --point <name>] [--timeline <n>] | open | manage <command> …"
PROCESSES=(web-1 web-2 worker dispatcher transcoder archivist provisioner)
HEALTHY_SECONDS="${LMS_HEALTHY_SECONDS:-180}"

compose() { docker compose "$@"; }

# -- secrets and .env --------------------------------------------------------------------------------------------------

random() { head -c "$1" /dev/urandom | base64 | tr -d '\n=' | tr '+/' '-_'; }

# Writes a secret that is not there yet. Containers read it as other users, so the folder keeps strangers out.
secret() {
  [ -e "secrets/$1" ] || printf '%s' "$2" >"secrets/$1"
  chmod 444 "secrets/$1"
}

init() {
  local site="${1:?$USAGE}" owner app edge redis key
  mkdir -p -m 700 secrets
  secret postgres_password "$(random 24)"
  secret owner_password "$(random 24)"
  secret redis_password "$(random 24)"
  owner="$(cat secrets/owner_password)" redis="$(cat secrets/redis_password)"
  app="$(random 24)" edge="$(random 24)" key="LMS$(head -c 8 /dev/urandom | od -An -tx1 | tr -d ' \n')"
  secret owner_database_url "postgresql://lms_owner:$owner@postgres:5432/lms"
  secret database_url "postgresql://lms_app:$app@postgres:5432/lms"
  secret edge_database_url "postgresql://lms_edge:$edge@postgres:5432/lms"
  secret redis_url "redis://:$redis@valkey:6379/0"
  secret s3_url "http://$key:$(random 30)@store:8000/lms-media?region=us-east-1"
  secret secret_key "$(random 48)"
  secret kek "$(head -c 32 /dev/urandom | base64 | tr -d '\n')"
  secret health_token "$(random 24)"
  secret canary_password ""  # of the monitor's learner, once there is one
  # To be filled in: nothing can be bought without the first two, and no mail leaves without the third.
  secret stripe_secret_key ""
  secret stripe_webhook_secret ""
  secret smtp_url "smtp+tls://user:password@mail.example:587"
  if [ ! -e .env ]; then
    sed "s/lms-content\.example/${2:-lms-content.example}/g; s/lms\.example/$site/g" infra/single-host/env.example >.env
    chmod 600 .env
  fi
  say "secrets/ and .env are there. Fill in secrets/smtp_url, look through .env, and keep copies of secrets/kek and"
  say "secrets/secret_key away from this machine: without them a backup cannot be read."
}

# -- releases ----------------------------------------------------------------------------------------------------------

setting() { sed -n "s/^$1=//p" .env | tail -n 1; }

set_setting() {
  grep -v "^$1=" .env >.env.new || true
  printf '%s=%s\n' "$1" "$2" >>.env.new
  chmod 600 .env.new
  mv .env.new .env
}

healthy() {
  local deadline=$((SECONDS + HEALTHY_SECONDS)) state
  until state="$(docker inspect --format '{{.State.Health.Status}}' "$(compose ps --quiet "$1")" 2>/dev/null)" && [ "$state" = healthy ]; do
    [ $SECONDS -lt $deadline ] || fail "$1 is not healthy after $HEALTHY_SECONDS s (${state:-not there}): docker compose logs $1"
    sleep 1
  done
}

replace() {
  say "$1 …"
  compose up --detach --no-deps --force-recreate "$1"
  healthy "$1"
}

# One after the other, and the next only when the one before serves: somebody is always there.
roll() {
  local name
  for name in "${PROCESSES[@]}"; do replace "$name"; done
  # Not everybody has the monitor. It writes tables too, and two releases are as many as may.
  if [ -n "$(COMPOSE_PROFILES=monitor compose ps --quiet monitor 2>/dev/null || true)" ]; then
    COMPOSE_PROFILES=monitor replace monitor
  fi
}

# What serves is what is started next, until the steps of the new image have ended well.
keep_image() { if [ -n "$serving" ]; then set_setting LMS_IMAGE "$serving"; fi; }

# What `rollback` goes back to.
note_before() { if [ -n "$serving" ] && [ "$serving" != "$1" ]; then set_setting LMS_IMAGE_BEFORE "$serving"; fi; }

deploy() {
  local image="${1:?$USAGE}"
  serving="$(setting LMS_IMAGE)"
  docker image inspect "$image" >/dev/null 2>&1 || docker pull "$image"
  trap keep_image EXIT
  set_setting LMS_IMAGE "$image"
  if [ -z "$(setting LMS_FRONT_IMAGE)" ]; then set_setting LMS_FRONT_IMAGE "$image"; fi
  compose up --detach --no-recreate --wait postgres valkey
  if ! compose run --rm migrate; then
    fail "The release steps did not end well: nothing was replaced, ${serving:-nothing} serves on. The last line says why."
  fi
  trap - EXIT
  # From here on some of it may be the new image, and a way back is needed. One that is on its way back and fails has its
  # aim before it still.
  [ "$command" = rollback ] || note_before "$image"
  compose up --detach --no-deps --no-recreate store edge
  roll
  compose up --detach --no-deps --no-recreate front backup
  note_before "$image"
  say "$image serves."
}

rollback() {
  local before
  before="$(setting LMS_IMAGE_BEFORE)"
  [ -n "$before" ] || fail "No image before this one is known: deploy <image>."
  # Code goes back at once, schemas do not: the steps of older code change nothing and say whether it may serve.
  deploy "$before"
}

# -- the way back ------------------------------------------------------------------------------------------------------

# Not before it has replayed the log: long before that it answers readers, and the release steps would find a database that
# takes no writes. How long that takes is the log's affair; a server that cannot go on ends, and is started again.
replayed() {
  local container begun state
  container="$(compose ps --all --quiet postgres)"
  begun="$(docker inspect --format '{{.RestartCount}}' "$container")"
  say "The log is replayed …"
  until [ "$(psql_ --command="SELECT NOT pg_is_in_recovery()" 2>/dev/null)" = t ]; do
    state="$(docker inspect --format '{{.State.Status}} {{.RestartCount}}' "$container")"
    [ "$state" = "running $begun" ] || return 1
    sleep 1
  done
  healthy postgres
  local reached
  reached="$(psql_ --file=/backup/reached.sql)" || return 1
  if [ "${reached%%|*}" != t ]; then
    say "What came back is not what was asked for. It is ${reached#*|}."
    return 1
  fi
  say "It is the state ${reached#*|}."
}

psql_() { compose exec -T postgres sh -c "$PSQL" -- "$@"; }
PSQL='PGPASSWORD="$(cat /run/secrets/postgres_password)" psql --host=127.0.0.1 --username=postgres --no-psqlrc \
  --tuples-only --no-align --set=ON_ERROR_STOP=1 "$@"'

# Puts the newest backup in the cluster's place, which `$1` keeps or drops. Root is needed for the folder around the cluster
# alone, which the server's user may not write; everything else is that user's work. Without a cluster the server is not
# started: it would make an empty one.
put_back() {
  compose stop postgres || return 1
  compose run --rm --no-deps --user 0:0 --entrypoint sh postgres -euc '
    install -d -o 999 -g 999 "${PGDATA%/*}"
    work=$1
    shift
    exec gosu 999:999 sh -euc "$work" -- "$@"' -- '
    if [ ! -e "$PGDATA" ]; then :
    elif [ "$1" = drop ]; then rm -rf "$PGDATA"
    else
      kept="$PGDATA.before-$(date -u +%Y%m%dT%H%M%SZ)"
      while [ -e "$kept" ]; do kept="$kept+"; done
      mv "$PGDATA" "$kept"
    fi
    shift
    /backup/restore-cluster.sh /archive "$PGDATA" "$@"' "$@" || return 1
  compose up --detach --no-deps postgres || return 1
  replayed
}

# Adds to the ledger whoever was erased since then (`$@`), as the database that runs knows it.
write_ledger() {
  (umask 077 && compose run --rm --no-deps -T archivist manage erasures "$@" >"$LEDGER.new") || return 1
  cat "$LEDGER.new" >>"$LEDGER"
  chmod 600 "$LEDGER"
  rm "$LEDGER.new"
}
LEDGER=erasures.jsonl

restore() {
  local asked=("$@") since=() moment
  while [ $# -gt 0 ]; do
    : "${2:?$USAGE}"
    case "$1" in
      --to)
        moment="$(date -u -d "$2" +%Y-%m-%dT%H:%M:%SZ)" || fail "$2 is no time."
        since=(--since "$moment") ;;
      --point) ;;
      --timeline) [[ "$2" =~ ^[1-9][0-9]*$ ]] || fail "$2 is no timeline." ;;
      *) fail "$USAGE" ;;
    esac
    shift 2
  done
  set -- "${asked[@]}"
  say "Everything is stopped. The cluster's volume is kept aside as it is, and the newest backup put in its place."
  COMPOSE_PROFILES=monitor compose stop front "${PROCESSES[@]}" monitor edge backup
  if [ $# -eq 0 ]; then
    put_back keep || fail "$NOT_BACK"
    compose run --rm migrate
    open
    return
  fi
  local kept=keep
  if ! write_ledger "${since[@]}"; then
    say "The database does not answer. Its newest state is restored first: it says who was erased since."
    if put_back keep && write_ledger "${since[@]}"; then kept=drop; else
      say "WHO WAS ERASED SINCE IS NOT KNOWN: the newest state cannot be restored. docs/operations/backups.md."
    fi
  fi
  put_back "$kept" "$@" || fail "$NOT_BACK"
  compose run --rm migrate
  compose up --detach --no-deps store
  if [ -e "$LEDGER" ]; then
    compose run --rm --no-deps -T archivist manage erasures --again - <"$LEDGER" ||
      fail "Those of $LEDGER are back: let nobody in. Again: docker compose run --rm --no-deps -T archivist manage erasures --again - <$LEDGER"
    rm "$LEDGER"
  fi
  say "The database is there, and nobody is let in yet: docs/operations/backups.md says what to look at. Then:"
  say "scripts/single_host.sh open. Or another restore, which starts from what was there before this one."
}
NOT_BACK="The database did not come back, and nothing else was started. If it ended while it replayed the log: docker compose logs postgres.
'recovery ended before configured recovery target' there: nothing in the log is later than what was asked for."

# Objects first: a database that is let in without them serves pages without films.
restore-store() {
  compose stop front store
  compose run --rm --no-deps restore-store "$@"
  say "The store is stopped. restore or open starts it."
}

# A restore that failed, or a machine that was started anew, may have left the database stopped.
open() {
  if [ -z "$(compose ps --quiet postgres)" ]; then
    compose run --rm --no-deps --user 999:999 --entrypoint sh postgres -euc '[ -s "$PGDATA/PG_VERSION" ]' ||
      fail "There is no cluster to open, and PostgreSQL would make an empty one. The way back comes first: restore."
    compose up --detach --no-deps postgres
  fi
  # What people work on from here on is what a restore without a moment brings back, and no longer what was there before it.
  compose exec -T --user 999:999 postgres rm -f /archive/before-restore
  compose up --detach --no-deps store edge "${PROCESSES[@]}" front backup
  # Not everybody has the monitor; `restore` has stopped it.
  if [ -n "$(COMPOSE_PROFILES=monitor compose ps --all --quiet monitor 2>/dev/null || true)" ]; then
    COMPOSE_PROFILES=monitor compose up --detach --no-deps monitor
  fi
  say "It runs, and takes a base backup. docs/operations/backups.md says what follows."
}

# In a container of its own where the archivist is stopped, as before anybody is let in.
manage() {
  local piped=()
  { [ -t 0 ] && [ -t 1 ]; } || piped=(-T)
  if [ -n "$(compose ps --quiet archivist)" ]; then
    compose exec "${piped[@]}" archivist lms manage "$@"
  else
    compose run --rm --no-deps "${piped[@]}" archivist manage "$@"
  fi
}

command="${1:-}"
shift || true
case "$command" in
  init | deploy | rollback | restore | restore-store | open | manage) "$command" "$@" ;;
  *) fail "$USAGE" ;;
esac
