"""The infrastructure as code: formatted, valid, and as closed as it is said to be.

Runs where Terraform and its AWS provider are on the machine; elsewhere every test here is skipped, and says so.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from secrets import token_bytes, token_urlsafe
from typing import Any
from uuid import UUID

import pytest
import yaml

from config.env import Env
from core import headers, processes
from devstack.parts import caddyfile, postgres
from devstack.settings import Settings
from media.edge import naming
from tests.architecture.tree import ROOT
from tests.infra import rules
from tests.infra.estate import Report, Resource, report, terraform, why_not

_MISSING = why_not()
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING.strip() or "Terraform is there")

CACHES_NOTHING = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
"""AWS's own policy Managed-CachingDisabled ("Use managed cache policies"), the same in every account."""
ENVIRONMENTS = ("environments/staging", "environments/production", "bootstrap")
ONE_OFFS = {"migrate", "prepare", "manage", "administer"}
# Variables that are no setting of ours: Django's, and those by which PostgreSQL's own programs find the master's login.
NOT_OURS = {"DJANGO_SETTINGS_MODULE", "PGHOST", "PGPORT", "PGDATABASE", "PGSSLMODE", "PGUSER", "PGPASSWORD"}


@pytest.fixture(scope="module")
def made() -> Report:
    """What the production environment makes, with mocked providers."""
    return report()


def test_every_file_is_in_terraforms_format() -> None:
    run = terraform("tests", "fmt", "-check", "-recursive", "-no-color", "..")
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("root", ENVIRONMENTS)
def test_every_environment_is_valid(root: str) -> None:
    run = terraform(root, "validate", "-no-color")
    assert run.returncode == 0, run.stdout + run.stderr


def test_terraforms_own_tests_pass(made: Report) -> None:
    assert (made.failed, made.diagnostics) == ([], [])
    assert any("production" in name for name in made.passed)


@pytest.mark.parametrize("rule", rules.RULES, ids=lambda rule: rule.__name__)
def test_the_rule_is_kept(made: Report, rule: rules.Rule) -> None:
    assert len(made.resources) > 200
    assert list(rule(made.resources)) == []


def _change(type_: str, change: Callable[[dict[str, Any]], object]) -> Callable[[list[Resource]], list[Resource]]:
    def mutate(resources: list[Resource]) -> list[Resource]:
        changed = copy.deepcopy(resources)
        change(next(found for found in changed if found.type == type_).values)
        return changed

    return mutate


def _set(type_: str, **values: Any) -> Callable[[list[Resource]], list[Resource]]:
    return _change(type_, lambda found: found.update(values))


def _without(type_: str) -> Callable[[list[Resource]], list[Resource]]:
    return lambda resources: [found for found in resources if found.type != type_]


def _statement(**more: Any) -> Callable[[dict[str, Any]], object]:
    def add(values: dict[str, Any]) -> None:
        policy = json.loads(values["policy"])
        policy["Statement"].append({"Effect": "Allow", **more})
        values["policy"] = json.dumps(policy)

    return add


def _container(**more: Any) -> Callable[[dict[str, Any]], object]:
    def change(values: dict[str, Any]) -> None:
        containers = json.loads(values["container_definitions"])
        containers[0].update(more)
        values["container_definitions"] = json.dumps(containers)

    return change


def _open_pattern(resources: list[Resource]) -> list[Resource]:
    changed = copy.deepcopy(resources)
    pools = [one for one in changed if one.type == "aws_cloudfront_distribution" and ".pool[" in one.address]
    for behaviour in pools[0].values["ordered_cache_behavior"]:
        behaviour["trusted_key_groups"] = []
    return changed


def _programs_led_over(resources: list[Resource]) -> list[Resource]:
    changed = copy.deepcopy(resources)
    for found in changed:
        if found.type == "aws_cloudfront_distribution":
            for behaviour in found.values["ordered_cache_behavior"]:
                behaviour["viewer_protocol_policy"] = "redirect-to-https"
    return changed


_OWNER = {"name": "web", "secrets": [{"name": "LMS_OWNER_DATABASE_URL"}]}
Mutate = Callable[[list[Resource]], list[Resource]]
MUTANTS: list[tuple[rules.Rule, str, Mutate]] = [
    (rules.nothing_is_public, "made public", _without("aws_s3_bucket_public_access_block")),
    (rules.nothing_is_public, "internet", _set("aws_db_instance", publicly_accessible=True)),
    (rules.nothing_is_public, "public address", _set("aws_lb", internal=False)),
    (
        rules.nothing_is_public,
        "by address",
        _set("aws_vpc_security_group_ingress_rule", cidr_ipv4="0.0.0.0/0"),
    ),
    (
        rules.everything_is_encrypted,
        "not encrypted",
        _without("aws_s3_bucket_server_side_encryption_configuration"),
    ),
    (
        rules.everything_is_encrypted,
        "in the clear",
        _set("aws_db_instance", storage_encrypted=False),
    ),
    (
        rules.everything_is_encrypted,
        "not encrypted",
        _set("aws_sqs_queue", kms_master_key_id=None),
    ),
    (rules.everything_is_encrypted, "in the clear", _set("aws_lb_listener", protocol="HTTP")),
    (
        rules.everything_is_encrypted,
        "firewall",
        _set("aws_cloudfront_distribution", web_acl_id=""),
    ),
    (rules.everything_is_encrypted, "that have left", _open_pattern),
    (rules.everything_is_encrypted, "leads /api/* over", _programs_led_over),
    (
        rules.nobody_may_more,
        "s3:*",
        _change("aws_iam_role_policy", _statement(Action="s3:*", Resource="arn:aws:s3:::a")),
    ),
    (
        rules.nobody_may_more,
        "on everything",
        _change("aws_iam_role_policy", _statement(Action="s3:GetObject", Resource="*")),
    ),
    (
        rules.nobody_may_more,
        "for anybody",
        _change("aws_s3_bucket_policy", _statement(Action="s3:GetObject", Resource="arn:a", Principal="*")),
    ),
    (
        rules.the_owners_login_stays_with_the_owners,
        "owner's login",
        _change("aws_ecs_task_definition", _container(**_OWNER)),
    ),
    (
        rules.containers_are_walled_in,
        "can be written",
        _change("aws_ecs_task_definition", _container(readonlyRootFilesystem=False)),
    ),
    (rules.containers_are_walled_in, "by a tag", _change("aws_ecs_task_definition", _container(image="lms:latest"))),
    (rules.data_can_be_brought_back, "is gone", _without("aws_s3_bucket_versioning")),
    (
        rules.data_can_be_brought_back,
        "deleted",
        _set("aws_db_instance", deletion_protection=False),
    ),
]


@pytest.mark.parametrize(
    ("rule", "says", "mutate"), MUTANTS, ids=[f"{rule.__name__}: {says}" for rule, says, _ in MUTANTS]
)
def test_the_rule_finds_what_is_against_it(
    made: Report, rule: rules.Rule, says: str, mutate: Callable[[Sequence[Resource]], Sequence[Resource]]
) -> None:
    found = list(rule(mutate(made.resources)))
    assert found
    assert any(says in one for one in found)


def _containers(made: Report) -> dict[str, dict[str, Any]]:
    return {name: json.loads(text)[0] for name, text in made.outputs["containers"].items()}


def test_containers_are_given_settings_that_the_product_knows(made: Report) -> None:
    known = {f"LMS_{name.upper()}" for name in Env.model_fields}
    needed = {f"LMS_{name.upper()}" for name, found in Env.model_fields.items() if found.is_required()}
    for name, container in _containers(made).items():
        given = {one["name"] for one in [*container["environment"], *container["secrets"]]}
        assert given - known - NOT_OURS == set(), name
        assert needed - given == set(), name


# Programs of docker-compose.yml that have no task on AWS, and what is in their place.
NOT_ON_AWS = {
    "edge": "CloudFront judges signatures itself",
    "store": "S3",
    "front": "CloudFront and the load balancer",
}


def test_every_program_of_the_single_host_has_its_task(made: Report) -> None:
    composed = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"].values()
    programs = {service["command"][0] for service in composed if "LMS_IMAGE" in service["image"]}
    assert programs == set(processes.PROCESSES)
    containers = _containers(made)
    assert set(containers) == programs - set(NOT_ON_AWS) | ONE_OFFS
    services = {found.values["name"] for found in made.resources if found.type == "aws_ecs_service"}
    assert services == {name for name in programs - set(NOT_ON_AWS) if not processes.PROCESSES[name].ends}


def test_the_monitor_has_what_it_walks_with_and_no_more(made: Report) -> None:
    monitor = _containers(made)["monitor"]
    secrets = {one["name"] for one in monitor["secrets"]}
    required = {f"LMS_{name.upper()}" for name, found in Env.model_fields.items() if found.is_required()}
    assert secrets - required == {"LMS_CANARY_PASSWORD"}
    assert {"LMS_CANARY_HOST", "LMS_CANARY_EMAIL"} <= {one["name"] for one in monitor["environment"]}
    may = json.loads(made.outputs["policies"]["task monitor"])["Statement"]
    assert {one["Sid"] for one in may} == {"StatusPage", "KeyOfStatusPage"}, "it asks AWS for nothing else"
    groups = {
        found.values["description"]
        for found in made.resources
        if found.type == "aws_vpc_security_group_egress_rule" and '"monitor' in found.address
    }
    assert groups == {
        "monitor to database", "monitor to endpoints", "S3, through the gateway", "HTTPS to the internet, through NAT"
    }  # fmt: skip


def test_every_process_of_the_product_is_started_by_its_name(made: Report) -> None:
    containers = _containers(made)
    for name in set(containers) & set(processes.PROCESSES):
        process = processes.PROCESSES[name]
        assert containers[name]["command"] == [name]
        owner = any(secret["name"] == "LMS_OWNER_DATABASE_URL" for secret in containers[name]["secrets"])
        assert owner == process.owner, name
        assert (containers[name]["healthCheck"] is None) == process.ends, name
        # `lms probe` looks at the container's first process.
        assert not containers[name]["linuxParameters"]["initProcessEnabled"], name


def test_a_release_begins_with_a_check_that_passes(made: Report) -> None:
    """What ``lms migrate`` does first, with what its task is given. Hosts of the tests are nobody's in the world."""
    task = _containers(made)["migrate"]
    given = {one["name"]: one["value"] for one in task["environment"] if one["name"].startswith(("LMS_", "DJANGO_"))}
    secrets = {
        "LMS_SECRET_KEY": token_urlsafe(64),
        "LMS_KEK": b64encode(token_bytes(32)).decode(),
        "LMS_DATABASE_URL": f"postgresql://lms_app:{token_urlsafe(32)}@db.internal:5432/lms?sslmode=require",
        "LMS_OWNER_DATABASE_URL": f"postgresql://lms_owner:{token_urlsafe(32)}@db.internal:5432/lms?sslmode=require",
        "LMS_REDIS_URL": f"rediss://lms:{token_urlsafe(48)}@cache.internal:6379/0?ssl_cert_reqs=required",
        "LMS_STRIPE_SECRET_KEY": "rk_test_brought",
        "LMS_STRIPE_WEBHOOK_SECRET": "whsec_brought",
    }
    assert {one["name"] for one in task["secrets"]} == set(secrets)
    by_hand = _containers(made)["administer"]
    assert (by_hand["environment"], by_hand["secrets"]) == (task["environment"], task["secrets"])
    hosts = {name: value.replace(".example", ".com") for name, value in given.items() if value.endswith(".example")}
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LMS_", "DJANGO_"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level=WARNING", "--tag=security", "--tag=tenancy"],
        cwd=ROOT,
        env={**inherited, **given, **hosts, **secrets},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_postgresql_writes_no_value_into_its_log(made: Report) -> None:
    ours = postgres.options(Settings(data_dir=Path("/data"), ports={"postgres": 5432}))
    walls = {name: ours[name] for name in ours if name.startswith(("log_min_", "log_error_", "log_statement"))}
    assert len(walls) >= 3
    [group] = [found.values["parameter"] for found in made.resources if found.type == "aws_db_parameter_group"]
    theirs = {one["name"]: one["value"] for one in group}
    assert {name: theirs.get(name) for name in walls} == walls
    assert theirs["log_statement"] == "none"
    [instance] = [found.values for found in made.resources if found.type == "aws_db_instance"]
    assert not instance["performance_insights_enabled"], "it keeps statements with their values"


def test_what_a_container_may_write_is_what_the_image_says(made: Report) -> None:
    volumes = re.search(r"^VOLUME (\[.*\])$", (ROOT / "Dockerfile").read_text(), re.M)
    assert volumes
    for name, container in _containers(made).items():
        assert [mount["containerPath"] for mount in container["mountPoints"]] == json.loads(volumes[1]), name


def test_files_from_the_bucket_are_served_as_everywhere_else(made: Report) -> None:
    said = made.outputs["headers"]
    for kind, surface in (("assets", "asset"), ("images", "image"), ("media", "media")):
        ours = headers.HEADERS[surface]  # type: ignore[index]
        theirs = said["kinds"][kind]
        assert theirs["policy"] == ours["Content-Security-Policy"], kind
        assert theirs["embedded"] == ours["Cross-Origin-Resource-Policy"], kind
        # Films say it of themselves: a playlist that grows is kept for another time than a segment.
        assert theirs["kept"] == (None if kind == "media" else ours["Cache-Control"]), kind
        assert set(ours) == {
            "Content-Security-Policy",
            "X-Content-Type-Options",
            "Cross-Origin-Resource-Policy",
            "Cache-Control",
        }, f"{kind}: a header that infra/terraform/modules/edge/headers.tf does not know"


def test_files_promise_tls_as_the_pages_of_their_host_do(made: Report) -> None:
    """On our own domains the same words; where customers' domains are served too, the pages' words alone."""
    assert made.outputs["headers"]["hsts"] == headers.hsts(headers.HSTS_SECONDS, ours=True)
    kind = re.compile(r"(?:assets|images|media)(?:-any-host)?$")
    policies = {
        kind.findall(found.values["name"])[0]: found.values
        for found in made.resources
        if found.type == "aws_cloudfront_response_headers_policy" and ".edge." in found.address
    }
    assert set(policies) == {f"{one}{host}" for one in ("assets", "images", "media") for host in ("", "-any-host")}
    for name, values in policies.items():
        promised = values["security_headers_config"][0]["strict_transport_security"]
        if name.endswith("-any-host"):
            assert promised == [], name
            continue
        words = f"max-age={promised[0]['access_control_max_age_sec']}; includeSubDomains; preload"
        assert promised[0]["include_subdomains"], name
        assert promised[0]["preload"], name
        assert words == headers.hsts(headers.HSTS_SECONDS, ours=True), name
    ids = {values["id"]: name for name, values in policies.items()}
    for found in made.resources:
        used = set(re.findall(r"[\w-]+", json.dumps(found.values))) & ids.keys()
        if found.type == "aws_cloudfront_distribution" and ".edge." in found.address:
            assert used, found.address
            assert not any(ids[one].endswith("-any-host") for one in used), found.address
        if found.address.endswith("aws_cloudformation_stack.tenants"):
            assert len(used) == 3, found.address
            assert all(ids[one].endswith("-any-host") for one in used), found.address


def test_who_deletes_an_organization_can_have_every_distribution_forget_it(made: Report) -> None:
    distributions = {
        found.address.rpartition(".")[2]: found.values
        for found in made.resources
        if found.type == "aws_cloudfront_distribution" and ".edge." in found.address
    }
    may = {one["Sid"]: one for one in json.loads(made.outputs["policies"]["task archivist"])["Statement"]}
    assert set(may["Forget"]["Action"]) == {"cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"}
    assert set(may["Forget"]["Resource"]) == {values["arn"] for values in distributions.values()}
    given = {one["name"]: one["value"] for one in _containers(made)["archivist"]["environment"]}
    assert given["LMS_CLOUDFRONT_FRONT"] == distributions["front"]["id"]
    assert given["LMS_CLOUDFRONT_FRONT"] not in given["LMS_CLOUDFRONT_POOLS"].split(","), "nothing is written there"


def test_the_front_distribution_keeps_nothing_of_organizations_but_what_it_is_made_to_forget(made: Report) -> None:
    """What the application answers is kept nowhere. Of the bucket, the built application is everybody's."""
    [front] = [one.values for one in made.resources if one.address.endswith("aws_cloudfront_distribution.front")]
    behaviours = [*front["default_cache_behavior"], *front["ordered_cache_behavior"]]
    kept = {one.get("path_pattern", "*") for one in behaviours if one["cache_policy_id"] != CACHES_NOTHING}
    [images] = [path for path in naming.kept(UUID(int=0), of_front=True) if path.startswith("/media/")]
    assert kept == {"/assets/*", "/media/p/*"}
    assert fnmatch(images, "/media/p/*")


def test_an_answer_is_waited_for_as_long_as_at_our_own_front_door(made: Report) -> None:
    waits = {f"{one.address} idle": one.values["idle_timeout"] for one in made.resources if one.type == "aws_lb"}
    for found in made.resources:
        for origin in found.values["origin"] if found.type == "aws_cloudfront_distribution" else ():
            for config in origin["vpc_origin_config"]:
                waits[f"{found.address} {origin['origin_id']}"] = config["origin_read_timeout"]
    [stack] = [one for one in made.resources if one.address.endswith("aws_cloudformation_stack.tenants")]
    template = json.loads(stack.values["template_body"])["Resources"]["Distribution"]["Properties"]
    for origin in template["DistributionConfig"]["Origins"]:
        if "VpcOriginConfig" in origin:
            waits[f"{stack.address} {origin['Id']}"] = origin["VpcOriginConfig"]["OriginReadTimeout"]
    assert len(waits) >= 4, "the load balancer, the front distribution, a pool and the template"
    assert set(waits.values()) == {caddyfile.ANSWER_SECONDS}, waits


def test_the_template_of_own_domains_refuses_programs_in_the_clear_as_well(made: Report) -> None:
    [stack] = [one for one in made.resources if one.address.endswith("aws_cloudformation_stack.tenants")]
    template = json.loads(stack.values["template_body"])
    config = template["Resources"]["Distribution"]["Properties"]["DistributionConfig"]
    said = {one["PathPattern"]: one["ViewerProtocolPolicy"] for one in config["CacheBehaviors"]}
    assert {path for path, policy in said.items() if policy == "https-only"} == set(caddyfile.PROGRAMS)
    assert config["DefaultCacheBehavior"]["ViewerProtocolPolicy"] == "redirect-to-https"
    assert set(said.values()) == {"https-only", "redirect-to-https"}


def test_every_alarm_goes_to_somebody(made: Report) -> None:
    alarms = [found for found in made.resources if found.type == "aws_cloudwatch_metric_alarm"]
    assert sorted(found.values["alarm_name"] for found in alarms) == made.outputs["alarms"]
    assert all(found.values["alarm_actions"] and found.values["alarm_description"] for found in alarms)
    assert any(found.type == "aws_sns_topic_subscription" for found in made.resources)


def test_every_variable_says_what_it_is_and_what_it_may_be() -> None:
    for path in sorted((ROOT / "infra" / "terraform").rglob("variables.tf")):
        for block in path.read_text().split('\nvariable "')[1:]:
            name = f"{path.relative_to(ROOT)}: {block.split(chr(34))[0]}"
            assert re.search(r"^ +description = ", block, re.M), name
            kind = re.search(r"^ +type += *(.+)$", block, re.M)
            assert kind, name
            # Of a bool Terraform itself refuses all but two values.
            assert kind[1] == "bool" or "validation {" in block, name
