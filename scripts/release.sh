#!/usr/bin/env bash
# A release on AWS, step by step: scripts/release.sh <environment> <step> <image@sha256:digest>
#   plan      what Terraform would change when this image serves
#   canary    the release steps with the new image as far as the canaries, while the old one serves
#   fleet     the rest of the release steps
#   rollout   the new image serves: ECS replaces one task after the other, and goes back by itself if they do not come up
# Back is the same with the image before: its steps change nothing and say whether it may serve. Each step may be repeated.
# It needs terraform, aws and jq, and credentials of the environment's release role; docs/operations/releases.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
source scripts/lib.sh

USAGE="scripts/release.sh <environment> plan|canary|fleet|rollout <image@sha256:digest>"
environment="${1:?$USAGE}" step="${2:?$USAGE}" image="${3:?$USAGE}"
root="infra/terraform/environments/$environment"
[ -d "$root" ] || fail "There is no $root."
DIGEST='@sha256:[0-9a-f]{64}$'
[[ "$image" =~ $DIGEST ]] || fail "An image is named by its digest: …@sha256:…. A name alone may be another one tomorrow."

tf() { terraform -chdir="$root" "$@"; }

# TF_BACKEND_CONFIG: name=value of the state's place, a word each (bootstrap's output workflow_variables has them).
init() {
  local word words=()
  for word in ${TF_BACKEND_CONFIG:-}; do words+=("-backend-config=$word"); done
  tf init -input=false -lockfile=readonly ${words[@]+"${words[@]}"} >/dev/null
}

run() { tf output -json run | jq -er "$1"; }

# What a service's tasks run now: that, and no file, says what serves. It is asked for where nothing ends by itself.
serving() {
  local cluster task found
  cluster="$(run .cluster)" || return 1
  task="$(aws ecs describe-services --cluster "$cluster" --services "$1" --query 'services[0].taskDefinition' --output text)" || return 1
  found="$(aws ecs describe-task-definition --task-definition "$task" --query 'taskDefinition.containerDefinitions[0].image' --output text)" ||
    return 1
  [[ "$found" =~ $DIGEST ]] || return 1
  echo "$found"
}

apply() { tf apply -input=false -auto-approve "$@"; }

# Runs the release steps with the new image and waits for their end; theirs is ours.
steps() {
  local network command started task waited status
  network="$(run '{awsvpcConfiguration: {subnets: .subnets, securityGroups: [.security_group], assignPublicIp: "DISABLED"}} | tojson')"
  command="$(jq -cn --arg until "${1:-}" \
    '{containerOverrides: [{name: "migrate", command: (["migrate"] + if $until == "" then [] else [$until] end)}]}')"
  started="$(aws ecs run-task --cluster "$(run .cluster)" --launch-type FARGATE --network-configuration "$network" \
    --task-definition "$(run .task_definitions.migrate)" --overrides "$command" --output json)"
  # Where there is no room or no address the call itself succeeds, and says so in its answer.
  task="$(jq -r '.tasks[0].taskArn // ""' <<<"$started")"
  [[ "$task" == arn:* ]] || fail "The release steps could not be started: $(jq -c .failures <<<"$started")"
  say "release steps: $task"
  # The waiter gives up after ten minutes with 255 and these words; a fleet may take longer. Anything else that it ends
  # with, as credentials that have run out, is no reason to ask again.
  until waited="$(aws ecs wait tasks-stopped --cluster "$(run .cluster)" --tasks "$task" 2>&1)"; do
    [[ "$waited" == *"Max attempts exceeded"* ]] || fail "Nobody knows how the release steps ended, or whether they did: $task. $waited"
    say "still at it …"
  done
  status="$(aws ecs describe-tasks --cluster "$(run .cluster)" --tasks "$task" --query 'tasks[0].containers[0].exitCode' --output text)"
  case "$status" in
    0) ;;
    1) fail "Some organizations failed or were busy: the same step again may do. The log of $task says which." ;;
    *) fail "The release stopped (status $status) and nothing was replaced. The log of $task says why: docs/operations/releases.md." ;;
  esac
}

# The one-off tasks get the new image; what serves is left as it is.
prepared() {
  local now
  now="$(serving web)" || fail "Nobody knows what serves, so nothing was changed."
  apply -var "image=$now" -var "next_image=$image" || fail "The one-off tasks could not be given the new image."
}

init
case "$step" in
  plan) tf plan -input=false -var "image=$image" ;;
  canary)
    prepared
    steps --until=canary ;;
  fleet)
    prepared
    steps ;;
  rollout)
    apply -var "image=$image"
    services="$(aws ecs list-services --cluster "$(run .cluster)" --query 'serviceArns' --output text)"
    # shellcheck disable=SC2086 - one word a service
    aws ecs wait services-stable --cluster "$(run .cluster)" --services $services
    # The circuit breaker of any of them may have gone back, and then it is stable as well.
    for service in $services; do
      now="$(serving "$service")" || fail "Nobody knows what ${service##*/} runs."
      [ "$now" = "$image" ] || fail "${service##*/} runs $now: ECS went back by itself, because the new tasks did not become healthy."
    done
    site="$(tf output -json addresses | jq -er .site)"
    curl --fail --silent --show-error --max-time 20 "${site%/}/readyz" >/dev/null || fail "${site%/}/readyz does not answer with 200."
    say "$image serves." ;;
  *) fail "$USAGE" ;;
esac
