"""``make tf-apply-local``: apply staging to moto, a server that answers like AWS, and take everything away again.

What moto lacks is named in ``MISSING`` with the reason: it is taken out of the copy that is applied, and whoever refers
to it is given a made-up value, so that everything else is applied. ``OTHERWISE`` names what moto takes in another form
only. Nothing else may fail, and nothing may be left. Services run no container there. No account is reached: keys and
endpoints are made up.
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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".local" / "terraform"
VENV = FOLDER / "venv-moto"
COPY = FOLDER / "apply"
APPLY_SECONDS = 2400


@dataclass(frozen=True)
class Missing:
    """A resource that moto cannot be given, and what stands for its attributes (as Terraform writes values).

    Under the empty name: for the resource as a whole.
    """

    module: str
    resource: str
    why: str
    instead: Mapping[str, str] = field(default_factory=dict)


MISSING = (
    Missing("edge", "aws_cloudfront_vpc_origin.app", "no such API", {"id": '"vo_standin"'}),
    Missing("edge", "aws_cloudfront_response_headers_policy.this", "no such API", {"id": '"standin"'}),
    Missing("edge", "aws_cloudfront_key_group.nobody", "made, and never deleted", {"id": '"standin"'}),
    Missing("status", "aws_cloudfront_response_headers_policy.page", "no such API", {"id": '"standin"'}),
    Missing(
        "media",
        "aws_media_convert_queue.this",
        "no MediaConvert at all",
        {"arn": '"arn:aws:mediaconvert:eu-central-1:123456789012:queues/stand-in"'},
    ),
    Missing("queue", "aws_sqs_queue_redrive_allow_policy.dead", "taken, and never told again"),
    Missing("cache", "aws_elasticache_parameter_group.this", "no such API", {"name": '"stand-in"'}),
    Missing("cache", "aws_elasticache_user_group.this", "no such API", {"user_group_id": '"stand-in"'}),
    Missing("cache", "aws_elasticache_subnet_group.this", "made, and never deleted", {"name": '"stand-in"'}),
    Missing(
        "cache",
        "aws_elasticache_replication_group.this",
        "without its nodes: not found once it was made",
        {"primary_endpoint_address": '"cache.stand-in"'},
    ),
    Missing("service", "aws_appautoscaling_target.this", "made, and its tags are no API", {"": "{}"}),
    *(
        Missing("service", f"aws_appautoscaling_policy.{name}", "a policy of those", {"": "{}"})
        for name in ("cpu", "requests", "waiting")
    ),
)
# File below modules/, what is written there (a pattern), what moto takes instead, why.
OTHERWISE = (
    ("edge/main.tf", r"publish = true", "publish = false", "functions are made there, and not published"),
    ("edge/tenants.tf", r"publish( +)= true", r"publish\1= false", "the same"),
    ("dns/variables.tf", r'"\^Z\[A-Z0-9\]\+\$"', '"^[A-Z0-9]+$"', "ids of hosted zones begin as they like"),
    ("status/variables.tf", r'"\^Z\[A-Z0-9\]\+\$"', '"^[A-Z0-9]+$"', "the same"),
    (
        "media/main.tf",
        r"and \{\s+prefix += rule\.value\s+object_size_greater_than = \d+\s+\}",
        "prefix = rule.value",
        "of a rule's two conditions one is forgotten, and the provider waits for both",
    ),
    (
        "edge/delivery.tf",
        r'aws_cloudformation_stack\.tenants\.outputs\["Id"\]',
        '"ESTANDIN"',
        "it makes the stack, and no multi-tenant distribution, so there is no id",
    ),
    ("edge/outputs.tf", r'aws_cloudformation_stack\.tenants\.outputs\["Id"\]', '"ESTANDIN"', "the same"),
    ("service/main.tf", r"wait_for_steady_state( +)= true", r"wait_for_steady_state\1= false", "no container runs"),
)
# What a person writes into terraform.tfvars later (docs/operations/deployment.md, 10 and 11).
SECOND_STEP = """
canary = { host = "canary.staging-schools.example", email = "learner@canary.example" }
status = { host = "status.staging-page.example", zone_id = "Z00000000000000000004" }
status_region = "eu-west-1"
"""
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
        environment = _environment()
        where = _copy(endpoint)
        _terraform(where, environment, "init", "-input=false", *_plugins())
        for name, pattern, instead, _ in OTHERWISE:
            _write_otherwise(name, pattern, instead)
        whole = Counter(map(_kind, _planned(where, environment)))
        for missing in MISSING:
            _take_out(missing)
        planned = _planned(where, environment)
        left_out = whole - Counter(map(_kind, planned))
        print(f"staging: {whole.total()} resources; left out {left_out.total()}, as moto lacks them:")
        for missing in MISSING:
            print(f"  {left_out[_kind(missing.resource)]} {missing.module}: {missing.resource} ({missing.why})")
        failed = _apply(where, environment)
        made = _in_state(where, environment)
        print(f"applied {len(made)} of {len(planned)}; {time.monotonic() - started:.0f} s")
        for address, why in failed.items():
            print(f"FAILED {address}: {why}")
        for address in sorted(set(planned) - set(made) - set(failed)):
            print(f"NOT APPLIED {address}")
        _terraform(where, environment, "destroy", "-auto-approve", "-input=false", "-parallelism=20")
        left = _in_state(where, environment)
    print(f"destroyed {len(made) - len(left)}, left {len(left)}; {time.monotonic() - started:.0f} s")
    unsaid = left_out - Counter({_kind(missing.resource): whole.total() for missing in MISSING})
    for kind in unsaid:
        print(f"LEFT OUT, and not named in MISSING: {kind}")
    return 1 if failed or left or unsaid or len(made) != len(planned) else 0


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
        [VENV / "bin" / "moto_server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=log,
        stderr=log,
        # AWS's own policies: roles are given them.
        env=os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"},
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
    """Copy the configuration, with a file in it that leads all providers to moto; return where staging is."""
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT / "infra", COPY / "infra", ignore=shutil.ignore_patterns(".terraform*", "*.tfstate*"))
    (COPY / "platform").symlink_to(ROOT / "platform")  # the edge's functions
    where = COPY / "infra" / "terraform" / "environments" / "staging"
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
        + provider.format(alias='  alias = "status"\n', region="eu-west-1", endpoints=endpoints)
    )
    values = (where / "example.tfvars").read_text() + SECOND_STEP
    zones = _zones(endpoint)
    for number, zone in enumerate(zones, start=1):
        values = values.replace(f"Z0000000000000000000{number}", zone)
    (where / "terraform.tfvars").write_text(values)
    return where


def _take_out(missing: Missing) -> None:
    """Take a resource out of the copy; whoever refers to it reads a made-up value."""
    kind, name = missing.resource.split(".")
    block = re.compile(rf'^resource "{kind}" "{name}" \{{\n.*?^\}}\n', re.M | re.S)
    found = 0
    for file in (COPY / "infra" / "terraform" / "modules" / missing.module).glob("*.tf"):
        text, here = block.subn("", file.read_text())
        found += here
        for attribute, instead in missing.instead.items():
            reference = rf'\b{kind}\.{name}(?:\["[^"]*"\])?\.{attribute}\b' if attribute else rf"\b{kind}\.{name}\b"
            text = re.sub(reference, lambda _, value=instead: value, text)
        file.write_text(text)
    if found != 1:
        raise SystemExit(f"modules/{missing.module} has no {missing.resource} any more: look at MISSING.")


def _write_otherwise(name: str, pattern: str, instead: str) -> None:
    file = COPY / "infra" / "terraform" / "modules" / name
    text, count = re.subn(pattern, instead, file.read_text(), flags=re.S)
    if not count:
        raise SystemExit(f"{name} has nothing of {pattern} any more: look at OTHERWISE.")
    file.write_text(text)


def _zones(endpoint: str) -> list[str]:
    """Hosted zones are there before Terraform is: make them."""
    program = (
        "import boto3, sys\n"
        f"dns = boto3.client('route53', endpoint_url='{endpoint}', region_name='us-east-1')\n"
        "for name in sys.argv[1:]:\n"
        "    print(dns.create_hosted_zone(Name=name, CallerReference=name)['HostedZone']['Id'].split('/')[-1])\n"
    )
    names = (
        "staging-lms.example", "staging-schools.example", "staging-schools-content.example", "staging-page.example",
    )  # fmt: skip
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
            failed[found.get("address") or f"{found['summary']} ({len(failed)})"] = (
                f"{found['summary']} {found.get('detail', '')}"[:300]
            )
    return failed


def _in_state(where: Path, environment: dict[str, str]) -> list[str]:
    return [one for one in _terraform(where, environment, "state", "list").splitlines() if not _is_data(one)]


def _kind(address: str) -> str:
    """``type.name`` of an address, without modules and keys."""
    return ".".join(re.sub(r"\[[^\]]*\]", "", address).split(".")[-2:])


def _is_data(address: str) -> bool:
    return "data." in address


if __name__ == "__main__":
    sys.exit(main())
