"""Rules for what Terraform makes: nothing public, everything encrypted, nobody may more than the work needs.

Each takes the resources and yields what is against it, as ``address: why``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from devstack.parts.caddyfile import PROGRAMS
from tests.infra.estate import Resource

Rule = Callable[[Sequence[Resource]], Iterator[str]]

# Statements whose actions AWS knows for the whole account only: each says so where it is written.
NO_RESOURCE_LEVEL = {
    "RegistryLogin": {"ecr:GetAuthorizationToken"},
    "JobsOfTheAccount": {"mediaconvert:SearchJobs"},
    "KeysAndGroups": {
        "cloudfront:CreateKeyGroup",
        "cloudfront:CreatePublicKey",
        "cloudfront:DeleteKeyGroup",
        "cloudfront:DeletePublicKey",
        "cloudfront:GetKeyGroup",
        "cloudfront:GetKeyGroupConfig",
        "cloudfront:GetPublicKey",
        "cloudfront:GetPublicKeyConfig",
        "cloudfront:ListDistributionTenants",
        "cloudfront:ListDistributions",
        "cloudfront:ListKeyGroups",
        "cloudfront:ListPublicKeys",
        "cloudfront:UpdateKeyGroup",
        "cloudfront:UpdatePublicKey",
        "servicequotas:GetServiceQuota",
        "servicequotas:ListServiceQuotas",
    },
}
# What only these tasks may have.
OWNERS_ALONE = {"provisioner", "archivist", "migrate", "prepare", "administer"}

# What shows the status page when nothing of the product can, and who of the product is told of it: the monitor's task,
# which is given the bucket's address, and its role, which may write there.
SECOND_NAME = "module.status[0]."
WRITERS = ('aws_ecs_task_definition.this["monitor"]', 'aws_iam_role_policy.task["monitor"]')


def nothing_is_public(resources: Sequence[Resource]) -> Iterator[str]:
    """No public address, bucket, database, balancer, or way in from the internet."""
    closed = {
        _inside(found.values["bucket"])
        for found in _of(resources, "aws_s3_bucket_public_access_block")
        if all(
            found.values[lock]
            for lock in ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
        )
    }
    for bucket in _of(resources, "aws_s3_bucket"):
        if _inside(bucket.values["id"]) not in closed:
            yield f"{bucket.address}: nothing keeps it from being made public"
    for found in resources:
        values = found.values
        if found.type == "aws_db_instance" and values["publicly_accessible"]:
            yield f"{found.address}: reachable from the internet"
        if found.type == "aws_lb" and not values["internal"]:
            yield f"{found.address}: has a public address"
        if found.type == "aws_subnet" and values["map_public_ip_on_launch"]:
            yield f"{found.address}: gives public addresses"
        if found.type == "aws_ecs_service" and values["network_configuration"][0]["assign_public_ip"]:
            yield f"{found.address}: tasks with public addresses"
        if found.type == "aws_vpc_security_group_ingress_rule" and (values["cidr_ipv4"] or values["cidr_ipv6"]):
            yield f"{found.address}: a way in by address instead of by group"
        if found.type == "aws_vpc_security_group_egress_rule" and values["cidr_ipv4"] and values["to_port"] != 443:
            yield f"{found.address}: a way out for more than HTTPS"
        if found.type == "aws_default_security_group" and (values["ingress"] or values["egress"]):
            yield f"{found.address}: whoever names no group gets through"


def everything_is_encrypted(resources: Sequence[Resource]) -> Iterator[str]:
    """At rest with a key of our own, on the way with TLS 1.2 at least."""
    sealed = {
        _inside(found.values["bucket"])
        for found in _of(resources, "aws_s3_bucket_server_side_encryption_configuration")
        if found.values["rule"][0]["apply_server_side_encryption_by_default"][0]["sse_algorithm"] == "aws:kms"
    }
    for bucket in _of(resources, "aws_s3_bucket"):
        if _inside(bucket.values["id"]) not in sealed:
            yield f"{bucket.address}: not encrypted with our key"
    keyed = {
        "aws_cloudwatch_log_group": "kms_key_id",
        "aws_secretsmanager_secret": "kms_key_id",
        "aws_sqs_queue": "kms_master_key_id",
        "aws_sns_topic": "kms_master_key_id",
        "aws_db_instance": "kms_key_id",
        "aws_elasticache_replication_group": "kms_key_id",
    }
    for found in resources:
        values = found.values
        if found.type in keyed and not values[keyed[found.type]]:
            yield f"{found.address}: not encrypted with our key"
        if found.type == "aws_db_instance" and not values["storage_encrypted"]:
            yield f"{found.address}: storage in the clear"
        if found.type == "aws_db_parameter_group" and not _has(values["parameter"], "rds.force_ssl", "1"):
            yield f"{found.address}: takes connections in the clear"
        if found.type == "aws_elasticache_replication_group":
            if not values["transit_encryption_enabled"] or values["transit_encryption_mode"] != "required":
                yield f"{found.address}: takes connections in the clear"
            if values["at_rest_encryption_enabled"] not in (True, "true"):
                yield f"{found.address}: storage in the clear"
        if found.type == "aws_lb_listener" and (values["protocol"] != "HTTPS" or "TLS13" not in values["ssl_policy"]):
            yield f"{found.address}: takes requests in the clear, or with old TLS"
        if found.type == "aws_cloudfront_distribution":
            yield from _distribution(found)
        if found.type == "aws_kms_key" and not values["enable_key_rotation"]:
            yield f"{found.address}: its key never changes"


def nobody_may_more(resources: Sequence[Resource]) -> Iterator[str]:
    """Actions are named one by one, and resources, too, wherever AWS can tell them apart."""
    for found, policy in _policies(resources):
        for statement in policy["Statement"]:
            name = f"{found.address}, {statement.get('Sid', 'a statement')}"
            if statement["Effect"] != "Allow":
                continue
            if "NotAction" in statement or "NotResource" in statement:
                yield f"{name}: allows all but something"
            actions = _list(statement.get("Action", []))
            if wide := [action for action in actions if "*" in action]:
                yield f"{name}: {', '.join(wide)}"
            if "*" in str(statement.get("Principal", "")).replace(":*", ""):
                yield f"{name}: for anybody"
            if "Service" in str(statement.get("Principal", "")) and "Condition" not in statement:
                yield f"{name}: a service that acts for any account"
            if found.type != "aws_kms_key" and "*" in _list(statement.get("Resource", [])):
                allowed = NO_RESOURCE_LEVEL.get(statement.get("Sid", ""), set())
                if more := sorted(set(actions) - allowed):
                    yield f"{name}: on everything: {', '.join(more)}"


def the_owners_login_stays_with_the_owners(resources: Sequence[Resource]) -> Iterator[str]:
    """Tasks have the secrets of their own work: of the web's, nothing can make or drop a schema."""
    for found in _of(resources, "aws_ecs_task_definition"):
        for container in json.loads(found.values["container_definitions"]):
            given = {secret["name"] for secret in container["secrets"]}
            if "LMS_OWNER_DATABASE_URL" in given and container["name"] not in OWNERS_ALONE:
                yield f"{found.address}: has the owner's login"
            if "PGPASSWORD" in given and container["name"] != "prepare":
                yield f"{found.address}: has the master's login"
            if any("SECRET" in one["name"] or "PASSWORD" in one["name"] for one in container["environment"]):
                yield f"{found.address}: a secret in the open"


def containers_are_walled_in(resources: Sequence[Resource]) -> Iterator[str]:
    """A root that can't be written, no capability, images by digest."""
    for found in _of(resources, "aws_ecs_task_definition"):
        for container in json.loads(found.values["container_definitions"]):
            if not container["readonlyRootFilesystem"] or container["privileged"]:
                yield f"{found.address}: its root can be written"
            if container["linuxParameters"]["capabilities"]["drop"] != ["ALL"]:
                yield f"{found.address}: keeps capabilities"
            if "@sha256:" not in container["image"]:
                yield f"{found.address}: an image by a tag, which may be another one tomorrow"


def data_can_be_brought_back(resources: Sequence[Resource]) -> Iterator[str]:
    """What production holds survives a mistake: versions, backups, a second question before it is gone."""
    versioned = {
        _inside(found.values["bucket"])
        for found in _of(resources, "aws_s3_bucket_versioning")
        if found.values["versioning_configuration"][0]["status"] == "Enabled"
    }
    for bucket in _of(resources, "aws_s3_bucket"):
        if _inside(bucket.values["id"]) not in versioned or bucket.values["force_destroy"]:
            yield f"{bucket.address}: what is deleted there is gone"
    for found in _of(resources, "aws_db_instance"):
        values = found.values
        if not values["deletion_protection"] or values["skip_final_snapshot"] or values["backup_retention_period"] < 35:
            yield f"{found.address}: can be deleted, or not restored"
        if not values["multi_az"]:
            yield f"{found.address}: has no standby"


def the_second_name_stands_alone(resources: Sequence[Resource]) -> Iterator[str]:
    """The product knows nothing of the status page's second name but where its monitor writes; it knows no product."""
    theirs = [found for found in resources if found.address.startswith(SECOND_NAME)]
    ours = [found for found in resources if not found.address.startswith(SECOND_NAME)]
    if not any(found.type == "aws_cloudfront_distribution" for found in theirs):
        yield f"{SECOND_NAME}: there is none"
    for group, others in ((theirs, _called(ours)), (ours, _called(theirs))):
        for found in group:
            if found.address.endswith(WRITERS):
                continue
            text = json.dumps(found.values)
            for name, address in sorted(others.items()):
                if name in text:
                    yield f"{found.address}: shares {address}"


RULES: tuple[Rule, ...] = (
    nothing_is_public,
    everything_is_encrypted,
    nobody_may_more,
    the_owners_login_stays_with_the_owners,
    containers_are_walled_in,
    data_can_be_brought_back,
    the_second_name_stands_alone,
)


def _of(resources: Sequence[Resource], kind: str) -> list[Resource]:
    return [found for found in resources if found.type == kind]


def _called(resources: Sequence[Resource]) -> dict[str, str]:
    """What resources are called by others, and the address of each: ids, ARNs, hosts of origins, hosted zones."""
    called = {}
    for found in resources:
        names = [found.values.get(name) for name in ("id", "arn", "bucket_regional_domain_name")]
        if found.type == "aws_route53_record":
            names.append(found.values["zone_id"])
        if found.type == "aws_cloudfront_distribution":
            names.append(found.values["domain_name"])
        called |= {str(name): found.address for name in names if name}
    return called


def _inside(bucket: Any) -> str:
    return str(bucket)


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _has(parameters: Any, name: str, value: str) -> bool:
    return any(one["name"] == name and one["value"] == value for one in parameters)


def _distribution(found: Resource) -> Iterator[str]:
    values = found.values
    if values["viewer_certificate"][0]["minimum_protocol_version"] != "TLSv1.2_2021":
        yield f"{found.address}: old TLS"
    for behaviour in [*values["default_cache_behavior"], *values["ordered_cache_behavior"]]:
        if behaviour.get("path_pattern") == "/media/t/*" and not behaviour["trusted_key_groups"]:
            yield f"{found.address}: serves what is kept of organizations that have left"
        if behaviour["viewer_protocol_policy"] not in ("redirect-to-https", "https-only"):
            yield f"{found.address}: serves in the clear"
    refusing = {
        behaviour["path_pattern"]
        for behaviour in values["ordered_cache_behavior"]
        if behaviour["viewer_protocol_policy"] == "https-only"
    }
    # Where there are buckets alone behind it no program is asked for.
    is_asked = not all(origin["origin_access_control_id"] for origin in values["origin"])
    for path in sorted(set(PROGRAMS) - refusing) if is_asked else ():
        yield f"{found.address}: leads {path} over to TLS, where a secret has already been said"
    if not values["web_acl_id"]:
        yield f"{found.address}: no firewall in front of it"


def _policies(resources: Sequence[Resource]) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for found in resources:
        for name in ("policy", "assume_role_policy"):
            text = found.values.get(name)
            if isinstance(text, str) and text.startswith("{"):
                policy = json.loads(text)
                if "Statement" in policy:
                    yield found, policy
