#!/usr/bin/env bash
# make tf-scan: checkov over infra/terraform. It has an environment of its own: three hundred packages that nothing else
# of ours needs. An exception stands beside what it is for (checkov:skip=…) and says why. The network is not asked.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=3.3.30
venv=.local/terraform/venv-checkov

if [ "$(cat "$venv/installed" 2>/dev/null)" != "$version" ]; then
  mkdir -p .local/terraform
  "${PYTHON:-python3}" -m venv "$venv"
  "$venv/bin/pip" install --quiet "checkov==$version"
  echo "$version" >"$venv/installed"
fi
exec "$venv/bin/checkov" --directory infra/terraform --framework terraform --quiet --compact --skip-download "$@"
