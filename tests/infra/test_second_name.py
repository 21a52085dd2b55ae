"""The status page under its second name: it shares nothing with the product, and is told as the product tells it."""

from __future__ import annotations

import copy
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from config import status_page
from core import headers
from media.aws.s3 import Address
from tests.architecture.tree import ROOT
from tests.infra import rules
from tests.infra.estate import Report, Resource, report, why_not

_MISSING = why_not()
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING.strip() or "Terraform is there")

PAGE = f"{rules.SECOND_NAME}aws_"
FILMS = 'module.media.aws_s3_bucket.this["media"]'


@pytest.fixture(scope="module")
def made() -> Report:
    """What the production environment makes, with mocked providers."""
    return report()


def _only(resources: list[Resource], end: str) -> Resource:
    [found] = [one for one in resources if one.address.endswith(end)]
    return found


def _more_origins(values: dict[str, Any], what: str) -> None:
    values["origin"].append({"domain_name": what})


def _reads_as(values: dict[str, Any], what: str) -> None:
    values["origin"][0]["origin_access_control_id"] = what


def _behind(values: dict[str, Any], what: str) -> None:
    values["web_acl_id"] = what


def _proved_by(values: dict[str, Any], what: str) -> None:
    values["viewer_certificate"][0]["acm_certificate_arn"] = what


def _sealed_with(values: dict[str, Any], what: str) -> None:
    values["rule"][0]["apply_server_side_encryption_by_default"][0]["kms_master_key_id"] = what


def _in_zone(values: dict[str, Any], what: str) -> None:
    values["zone_id"] = what


def _may_read(values: dict[str, Any], what: str) -> None:
    policy = json.loads(values["policy"])
    policy["Statement"].append({"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{what}/*"})
    values["policy"] = json.dumps(policy)


# Which resource, what is done to it, whose name it is given, under which key: each is a thing that two share then.
SHARED: dict[str, tuple[str, Callable[[dict[str, Any], str], None], str, str]] = {
    "origin": (f"{PAGE}cloudfront_distribution.this", _more_origins, FILMS, "bucket_regional_domain_name"),
    "access": (
        f"{PAGE}cloudfront_distribution.this",
        _reads_as,
        "edge.aws_cloudfront_origin_access_control.media",
        "id",
    ),
    "firewall": (f"{PAGE}cloudfront_distribution.this", _behind, "edge.aws_wafv2_web_acl.this", "arn"),
    "certificate": (f"{PAGE}cloudfront_distribution.this", _proved_by, "dns.aws_acm_certificate.edge", "arn"),
    "key": (
        f"{PAGE}s3_bucket_server_side_encryption_configuration.this",
        _sealed_with,
        "media.module.key.aws_kms_key.this",
        "arn",
    ),
    "zone": (f"{PAGE}route53_record.issuers", _in_zone, "dns.aws_route53_record.origin", "zone_id"),
    "role": ('aws_iam_role_policy.task["worker"]', _may_read, f"{PAGE}s3_bucket.this", "arn"),
}


@pytest.mark.parametrize("what", SHARED)
def test_the_rule_finds_what_is_shared(made: Report, what: str) -> None:
    place, share, others, called = SHARED[what]
    changed = copy.deepcopy(made.resources)
    share(_only(changed, place).values, _only(changed, others).values[called])
    found = list(rules.the_second_name_stands_alone(changed))
    assert found
    assert re.match(rf".*{re.escape(place)}: shares ", found[0])


def test_the_rule_finds_that_there_is_none(made: Report) -> None:
    left = [found for found in made.resources if not found.address.startswith(rules.SECOND_NAME)]
    assert list(rules.the_second_name_stands_alone(left)) == ["module.status[0].: there is none"]


def test_it_shows_one_object_and_keeps_nothing_of_it(made: Report) -> None:
    shows = _only(made.resources, f"{PAGE}cloudfront_distribution.this").values
    [origin], [behaviour] = shows["origin"], shows["default_cache_behavior"]
    assert origin["origin_access_control_id"]
    assert not origin["custom_origin_config"]
    assert not shows["ordered_cache_behavior"]
    assert shows["default_root_object"] == status_page.COPY
    assert sorted(behaviour["allowed_methods"]) == ["GET", "HEAD"]
    assert behaviour["cache_policy_id"] == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"  # Managed-CachingDisabled
    assert not behaviour["origin_request_policy_id"], "neither cookie nor query goes along"
    assert {one["error_caching_min_ttl"] for one in shows["custom_error_response"]} == {0}
    statements = json.loads(made.outputs["policies"]["bucket status"])["Statement"]
    [reads] = [one for one in statements if one["Effect"] == "Allow"]
    assert (reads["Action"], reads["Resource"]) == ("s3:GetObject", f"arn:aws:s3:::status/{status_page.COPY}")
    assert reads["Condition"] == {"StringEquals": {"AWS:SourceArn": shows["arn"]}}, "its own distribution, and no other"


def test_the_monitor_alone_writes_it_and_may_nothing_else_there(made: Report) -> None:
    given = {
        name: {one["name"]: one["value"] for one in json.loads(text)[0]["environment"]}
        for name, text in made.outputs["containers"].items()
    }
    assert {name for name, values in given.items() if "LMS_STATUS_COPY" in values} == {"monitor"}
    assert given["monitor"]["LMS_STATUS_COPY"] == status_page.STORE
    store, product = (Address.parse(given[name]["LMS_S3_URL"]) for name in ("monitor", "web"))
    bucket = _only(made.resources, f"{PAGE}s3_bucket.this").values["id"]
    assert (store.endpoint, store.bucket, store.region) == ("https://s3.eu-west-1.amazonaws.com", bucket, "eu-west-1")
    assert (store.access_key, store.secret_key) == (None, None), "its role signs"
    assert store.region != product.region
    may = json.loads(made.outputs["policies"]["task monitor"])["Statement"]
    assert {(one["Effect"], *one["Action"], *one["Resource"]) for one in may} == {
        ("Allow", "s3:PutObject", f"arn:aws:s3:::status/{status_page.COPY}"),
        ("Allow", "kms:GenerateDataKey", "arn:aws:kms:eu-west-1:123456789012:key/status"),
    }


def test_without_it_the_monitor_asks_aws_for_nothing(made: Report) -> None:
    # A plan that follows on production, so what goes is in it, without values.
    alone = [found.address for found in made.made["one_name_only"] if found.values is not None]
    roles = [address for address in alone if "aws_iam_role_policy.task[" in address]
    assert any('["web"]' in address for address in roles)
    assert not any('["monitor"]' in address for address in roles)
    assert any('task_definition.this["monitor"]' in address for address in alone), "it walks all the same"


@pytest.mark.parametrize("environment", ["production", "staging"])
def test_taken_out_it_is_looked_for_where_it_is(environment: str) -> None:
    """A provider is configured for what goes as well: it may read nothing that goes with it."""
    folder = ROOT / "infra/terraform/environments" / environment
    variables = (folder / "variables.tf").read_text()
    optional = {
        block.split('"')[0] for block in variables.split('\nvariable "') if re.search(r"default += null", block)
    }
    assert {"status", "status_region", "canary"} <= optional
    providers = re.findall(r'^provider "aws" \{.*?^\}', (folder / "versions.tf").read_text(), re.S | re.M)
    assert len(providers) == 3
    for provider in providers:
        read = re.search(r"^ +region +=(.*)$", provider, re.M)
        assert read
        assert set(re.findall(r"var\.(\w+)", read[1])) & optional <= {"status_region"}, read[0]
    assert sum("var.status_region" in provider for provider in providers) == 1


def test_it_is_told_as_the_product_tells_it(made: Report) -> None:
    policy = _only(made.resources, f"{PAGE}cloudfront_response_headers_policy.page").values
    [security], [custom] = policy["security_headers_config"], policy["custom_headers_config"]
    said = {one["header"]: one["value"] for one in custom["items"]} | {
        "Referrer-Policy": security["referrer_policy"][0]["referrer_policy"],
        "X-Frame-Options": security["frame_options"][0]["frame_option"],
    }
    ours = dict(headers.HEADERS["page"])
    del ours["Reporting-Endpoints"]  # the product takes reports, and is not there
    assert ours.pop("X-Content-Type-Options") == "nosniff"
    assert security["content_type_options"]
    assert said == ours
    tls = security["strict_transport_security"][0]
    assert (tls["include_subdomains"], tls["preload"]) == (True, True)
    words = f"max-age={tls['access_control_max_age_sec']}; includeSubDomains; preload"
    assert words == headers.hsts(headers.HSTS_SECONDS, ours=True)


def test_what_its_distribution_forbids_lets_its_own_policy_through(made: Report) -> None:
    """The page names its style by a hash; of two policies the narrower counts, so this one may say it wider only."""
    page = status_page.render(status_page.without_database(()))
    found = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', page)
    assert found
    own = html.unescape(found[1])
    widened = re.sub(r"'sha256-[^']+'", "'unsafe-inline'", own)
    assert widened != own
    policy = _only(made.resources, f"{PAGE}cloudfront_response_headers_policy.page").values
    [said] = policy["security_headers_config"][0]["content_security_policy"]
    assert said["content_security_policy"] == f"{widened}; frame-ancestors 'none'"
