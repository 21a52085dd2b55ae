#!/usr/bin/env bash
# One host with Docker: init, deploy, rollback, restore, manage. docs/operations/single-host.md is the page to follow.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

USAGE="scripts/single_host.sh init <site host> <content domain> | deploy <image> | rollback | restore [--to <time>] | manage <command> …"
PROCESSES=(web-1 web-2 worker dispatcher transcoder archivist provisioner)

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
  local deadline=$((SECONDS + 180)) state
  until state="$(docker inspect --format '{{.State.Health.Status}}' "$(compose ps --quiet "$1")" 2>/dev/null)" && [ "$state" = healthy ]; do
    [ $SECONDS -lt $deadline ] || fail "$1 is not healthy after three minutes (${state:-not there}): docker compose logs $1"
    sleep 1
  done
}

# One after the other, and the next only when the one before serves: somebody is always there.
roll() {
  local name
  for name in "${PROCESSES[@]}"; do
    say "$name …"
    compose up --detach --no-deps --force-recreate "$name"
    healthy "$name"
  done
}

deploy() {
  local image="${1:?$USAGE}" before
  before="$(setting LMS_IMAGE)"
  docker image inspect "$image" >/dev/null 2>&1 || docker pull "$image"
  set_setting LMS_IMAGE "$image"
  if [ -z "$(setting LMS_FRONT_IMAGE)" ]; then set_setting LMS_FRONT_IMAGE "$image"; fi
  compose up --detach --no-recreate --wait postgres valkey
  if ! compose run --rm migrate; then
    if [ -n "$before" ]; then set_setting LMS_IMAGE "$before"; fi
    fail "The release steps did not end well: nothing was replaced, ${before:-nothing} serves on. The last line says why."
  fi
  compose up --detach --no-deps --no-recreate store edge
  roll
  compose up --detach --no-deps --no-recreate front backup
  if [ "$before" != "$image" ] && [ -n "$before" ]; then set_setting LMS_IMAGE_BEFORE "$before"; fi
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

restore() {
  say "The database is stopped, its volume kept aside as it is, and the newest backup put in its place."
  compose stop front "${PROCESSES[@]}" edge backup postgres
  compose run --rm --no-deps --user 999:999 --entrypoint sh postgres -euc '
    if [ -e "$PGDATA" ]; then mv "$PGDATA" "$PGDATA.before-$(date -u +%Y%m%dT%H%M%SZ)"; fi
    /backup/restore-cluster.sh /archive "$PGDATA" "$@"' -- "$@"
  compose up --detach --no-deps --wait postgres
  compose run --rm migrate
  compose up --detach --no-deps store edge "${PROCESSES[@]}" front backup
  say "It runs. docs/operations/backups.md says what follows: erasures, Stripe, media, and a new base backup."
}

manage() { compose exec archivist lms manage "$@"; }

command="${1:-}"
shift || true
case "$command" in
  init | deploy | rollback | restore | manage) "$command" "$@" ;;
  *) fail "$USAGE" ;;
esac
