"""``make tf-apply-local``: apply staging to moto, a server that answers like AWS, and take everything away again.

Terraform goes on with whatever does not hang on what failed, so all that moto has is applied. What it lacks stands in
``LACKING``, with what it answers; anything else that fails is a failure of ours. Services of ECS are left out
(``serving=false``): no container would ever run there. No account is reached: keys and endpoints are made up.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".local" / "terraform"
VENV = FOLDER / "venv-moto"
COPY = FOLDER / "apply"
APPLY_SECONDS = 1500
LACKING = {
    "aws_cloudfront_vpc_origin": "no such API",
    "aws_cloudfront_response_headers_policy": "404",
    "aws_elasticache_user_group": "no such API",
    "aws_elasticache_parameter_group": "no such API",
    "aws_elasticache_replication_group": "not found once it was made",
    "aws_iam_role_policy_attachment": "no policies of AWS's own",
    "aws_s3_bucket_lifecycle_configuration": "a rule with two conditions never comes back",
}
# What it makes and cannot delete: it ends with moto.
STAYING = {"aws_elasticache_subnet_group"}
# What a great deal hangs on, or what the provider would wait half an hour for, stands in the copy as something else:
# file below modules/, what is replaced (a pattern), by what.
STAND_INS = (
    # No such service. Its ARN is in the tasks' roles and environment.
    (
        "media/transcoding.tf",
        r'resource "aws_media_convert_queue" "this" \{.*?\n\}\n',
        "",
    ),
    (
        "media/outputs.tf",
        r"aws_media_convert_queue\.this\.arn",
        '"arn:aws:mediaconvert:eu-central-1:123456789012:queues/stand-in"',
    ),
    # Taken, and never given back.
    ("queue/main.tf", r'resource "aws_sqs_queue_redrive_allow_policy" "dead" \{.*?\n\}\n', ""),
    # Functions can be made there, and not published.
    ("edge/main.tf", r"publish = true", "publish = false"),
    ("edge/tenants.tf", r"publish( +)= true", r"publish\1= false"),
    # Ids of hosted zones begin as they like.
    ("dns/variables.tf", r'"\^Z\[A-Z0-9\]\+\$"', '"^[A-Z0-9]+$"'),
)
# Their names in the provider, which is told where each is.
SERVICES = (
    "acm", "applicationautoscaling", "budgets", "cloudformation", "cloudfront", "cloudwatch", "cloudwatchlogs", "ec2",
    "ecs", "elasticache", "elbv2", "eventbridge", "iam", "kms", "mediaconvert", "rds", "route53", "s3",
    "secretsmanager", "ses", "sns", "sqs", "sts", "wafv2",
)  # fmt: skip


def main() -> int:
    """See the module. Ends with 0 where all was applied that moto has, and nothing is left."""
    started = time.monotonic()
    _install()
    with _moto() as endpoint:
        where = _copy(endpoint)
        environment = _environment()
        _terraform(where, environment, "init", "-input=false", *_plugins())
        planned = _planned(where, environment)
        failed = _apply(where, environment)
        made = _terraform(where, environment, "state", "list").splitlines()
        made = [address for address in made if not _is_data(address)]
        _say_what(planned, made, failed)
        # What moto no longer finds, or cannot delete, cannot be asked to go.
        lost = [address for address in made if _type(address) in {*LACKING, *STAYING}]
        if lost:
            _terraform(where, environment, "state", "rm", *lost)
        _terraform(where, environment, "destroy", "-auto-approve", "-input=false", "-parallelism=20")
        left = _terraform(where, environment, "state", "list").split()
    ours = {address: why for address, why in failed.items() if _type(address) not in LACKING}
    print(
        f"destroyed {len(made) - len(lost)}, left to moto's own end {len(lost)}, left {len(left)}; "
        f"{time.monotonic() - started:.0f} s"
    )
    for address, why in ours.items():
        print(f"FAILED {address}: {why}")
    return 1 if ours or left else 0


def _install() -> None:
    """moto in an environment of its own: it brings a hundred packages that the product has no use for."""
    version = next(line.split("==")[1].split(" ")[0] for line in _lock() if line.startswith("moto=="))
    stamp = VENV / "installed"
    if stamp.exists() and stamp.read_text() == version:
        return
    subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    subprocess.run([VENV / "bin" / "pip", "install", "--quiet", f"moto[server]=={version}"], check=True)
    stamp.write_text(version)


def _lock() -> list[str]:
    return (ROOT / "requirements.lock").read_text().splitlines()


@contextlib.contextmanager
def _moto() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (FOLDER / "moto.log").open("w")
    server = subprocess.Popen(
        [VENV / "bin" / "moto_server", "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log
    )
    try:
        for _ in range(240):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/moto-api/", timeout=2).close()
                break
            time.sleep(0.5)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        log.close()


def _copy(endpoint: str) -> Path:
    """Copy the configuration, with a file in it that leads both providers to moto; return where staging is."""
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT / "infra", COPY / "infra", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    (COPY / "platform").symlink_to(ROOT / "platform")  # the edge's functions
    where = COPY / "infra" / "terraform" / "environments" / "staging"
    for name, pattern, instead in STAND_INS:
        file = COPY / "infra" / "terraform" / "modules" / name
        text, count = re.subn(pattern, instead, file.read_text(), flags=re.S)
        if not count:
            raise SystemExit(f"{name} has nothing of {pattern} any more: look at STAND_INS.")
        file.write_text(text)
    endpoints = "\n".join(f'    {service} = "{endpoint}"' for service in SERVICES)
    provider = """
provider "aws" {{
{alias}  region                      = "{region}"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  s3_use_path_style           = true
  max_retries                 = 2
  allowed_account_ids         = null
  endpoints {{
{endpoints}
  }}
}}
"""
    (where / "local_override.tf").write_text(
        'terraform {\n  backend "local" {}\n}\n'
        + provider.format(alias="", region="eu-central-1", endpoints=endpoints)
        + provider.format(alias='  alias = "us_east_1"\n', region="us-east-1", endpoints=endpoints)
    )
    values = (where / "example.tfvars").read_text() + "\nserving = false\n"
    zones = _zones(endpoint)
    for number, zone in enumerate(zones, start=1):
        values = values.replace(f"Z0000000000000000000{number}", zone)
    (where / "terraform.tfvars").write_text(values)
    return where


def _zones(endpoint: str) -> list[str]:
    """Hosted zones are there before Terraform is: make them."""
    program = (
        "import boto3, sys\n"
        f"dns = boto3.client('route53', endpoint_url='{endpoint}', region_name='us-east-1')\n"
        "for name in sys.argv[1:]:\n"
        "    print(dns.create_hosted_zone(Name=name, CallerReference=name)['HostedZone']['Id'].split('/')[-1])\n"
    )
    names = ("staging-lms.example", "staging-schools.example", "staging-schools-content.example")
    run = subprocess.run(
        [VENV / "bin" / "python", "-c", program, *names],
        env=_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout.split()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_VAR_"))}
    if not Path(kept.get("TF_CLI_CONFIG_FILE", "/")).is_file():
        kept.pop("TF_CLI_CONFIG_FILE", None)
    return kept | {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_EC2_METADATA_DISABLED": "true",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "TF_DATA_DIR": str(FOLDER / "apply-data"),
        "TF_IN_AUTOMATION": "1",
        "CHECKPOINT_DISABLE": "1",
    }


def _plugins() -> list[str]:
    found = subprocess.run(
        [ROOT / "scripts" / "terraform.sh", "--plugins"], capture_output=True, text=True, check=False
    )
    if found.returncode:
        sys.stderr.write(found.stderr)
        raise SystemExit(found.returncode)
    return [f"-plugin-dir={found.stdout.strip()}"] if found.stdout.strip() else []


def _terraform(where: Path, environment: dict[str, str], *arguments: str) -> str:
    run = subprocess.run(
        ["terraform", *arguments, *([] if arguments[0] == "state" else ["-no-color"])],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=APPLY_SECONDS,
    )
    if run.returncode:
        raise SystemExit(f"terraform {' '.join(arguments)}: {run.stderr[-4000:] or run.stdout[-4000:]}")
    return run.stdout


def _planned(where: Path, environment: dict[str, str]) -> list[str]:
    _terraform(where, environment, "plan", "-input=false", "-out=plan.tfplan")
    shown = json.loads(_terraform(where, environment, "show", "-json", "plan.tfplan"))
    return [
        change["address"]
        for change in shown["resource_changes"]
        if change["mode"] == "managed" and change["change"]["actions"] == ["create"]
    ]


def _apply(where: Path, environment: dict[str, str]) -> dict[str, str]:
    """Apply; return what failed, by address, and why."""
    run = subprocess.run(
        ["terraform", "apply", "-json", "-auto-approve", "-input=false", "-parallelism=20"],
        cwd=where,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=APPLY_SECONDS,
    )
    (FOLDER / "apply.json").write_text(run.stdout)
    failed = {}
    for line in run.stdout.splitlines():
        said = json.loads(line)
        if said.get("type") == "diagnostic" and said["diagnostic"]["severity"] == "error":
            found = said["diagnostic"]
            failed[found.get("address", found["summary"])] = f"{found['summary']} {found.get('detail', '')}"[:300]
    return failed


def _say_what(planned: list[str], made: list[str], failed: dict[str, str]) -> None:
    whole = [address for address in made if address not in failed]
    hung = [address for address in planned if address not in made and address not in failed]
    print(f"planned {len(planned)}, applied {len(whole)}, refused by moto {len(failed)}, hanging on those {len(hung)}")
    for kind, count in sorted(Counter(_type(address) for address in failed).items()):
        print(f"  refused: {count} {kind} ({LACKING.get(kind, 'NOT KNOWN TO BE LACKING')})")
    for kind, count in sorted(Counter(_type(address) for address in hung).items()):
        print(f"  hanging: {count} {kind}")


def _type(address: str) -> str:
    return address.split("[")[0].split(".")[-2] if "." in address else address


def _is_data(address: str) -> bool:
    return "data." in address


if __name__ == "__main__":
    sys.exit(main())
