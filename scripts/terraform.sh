#!/usr/bin/env bash
# scripts/terraform.sh ROOT COMMAND…: run Terraform in infra/terraform/ROOT, with the AWS provider that this machine has.
#   scripts/terraform.sh --found            says what there is; status 3 where something is missing
#   scripts/terraform.sh --plugins          says where the provider is; empty where Terraform's configuration knows
# The provider is looked for in TF_PLUGIN_DIR, by Terraform's own configuration (TF_CLI_CONFIG_FILE), and in the folders
# where providers are usually kept. What Terraform makes for itself lies under .local/terraform, one folder a root.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

# It names a file that may be missing: Terraform then warns at every step.
if [ -n "${TF_CLI_CONFIG_FILE:-}" ] && [ ! -f "$TF_CLI_CONFIG_FILE" ]; then unset TF_CLI_CONFIG_FILE; fi

missing() {
  {
    echo "=================================================================================================="
    echo "NOT CHECKED: infra/terraform. $1"
    echo "=================================================================================================="
  } >&2
  exit 3
}

command -v terraform >/dev/null || missing "Terraform 1.11 or newer is not on this machine."

plugins() { # the folder above registry.terraform.io/, or nothing
  local found
  if [ -n "${TF_PLUGIN_DIR:-}" ]; then echo "$TF_PLUGIN_DIR"; return; fi
  if [ -n "${TF_CLI_CONFIG_FILE:-}" ]; then return; fi
  found="$(find "$HOME/.terraform.d" "${XDG_DATA_HOME:-$HOME/.local/share}/terraform" /usr/local/share/terraform /usr/share/terraform \
    /opt /usr/local/lib -maxdepth 8 -path '*/registry.terraform.io/hashicorp/aws/*' -name 'terraform-provider-aws*' -print -quit 2>/dev/null || true)"
  if [ -n "$found" ]; then echo "${found%%/registry.terraform.io/*}"; fi
}

plugin_dir="$(plugins)"
if [ -z "$plugin_dir" ] && [ -z "${TF_CLI_CONFIG_FILE:-}" ] && [ "${LMS_TERRAFORM_ONLINE:-}" != "1" ]; then
  missing "The AWS provider is in none of the usual folders: set TF_PLUGIN_DIR, or LMS_TERRAFORM_ONLINE=1 to get it from Terraform's registry."
fi
if [ "${1:-}" = "--plugins" ]; then echo "$plugin_dir"; exit 0; fi
if [ "${1:-}" = "--found" ]; then terraform version -no-color | head -n 1; exit 0; fi

root="$1"; shift
export TF_DATA_DIR="$here/.local/terraform/${root//\//-}" TF_IN_AUTOMATION=1 CHECKPOINT_DISABLE=1
mkdir -p "$TF_DATA_DIR"
cd "$here/infra/terraform/$root"

# Once, and again when a module or a version was added.
stamp="$TF_DATA_DIR/initialised"
exec 9>"$TF_DATA_DIR/lock"
if command -v flock >/dev/null; then flock 9; fi # of two that come at once one does it, and the other finds it done
state="$(cat ./*.tf ./*.tftest.hcl ../modules/*/versions.tf ../../modules/*/versions.tf 2>/dev/null | grep -E 'source|version|backend' | cksum; echo "$plugin_dir")"
if [ "$(cat "$stamp" 2>/dev/null)" != "$state" ]; then
  terraform init -input=false -no-color -backend=false ${plugin_dir:+-plugin-dir="$plugin_dir"} >"$TF_DATA_DIR/init.log" 2>&1 \
    || { cat "$TF_DATA_DIR/init.log" >&2; exit 1; }
  echo "$state" >"$stamp"
fi
exec 9>&-
exec terraform "$@"
