"""What operators type: a live check of the account, moves and rotations that are recorded, and health that says why."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

import tenancy
from devstack.parts.caddyfile import PROGRAMS
from media import api as media
from media.edge.token import shard_id
from media.models import EdgeBinding, SigningKey
from staff.console.health import Signs, judge
from staff.models import PlatformAuditEntry
from tests.contracts.test_cloudfront import binding, come, host_of, settle, stage, until_settled
from tests.support.cloudfront import stage as stages
from tests.support.cloudfront.stage import Stage

__all__ = ["stage"]


@pytest.fixture(autouse=True)
def programs(stage: Stage) -> None:
    """What programs ask for is refused in the clear, as Terraform makes each distribution."""
    for one in (stage.pool, stage.second, stage.template):
        found = stage.account.distributions[one].data["CacheBehaviors"]
        found["Items"] += [stages.behaviour(path, "app") | {"ViewerProtocolPolicy": "https-only"} for path in PROGRAMS]
        found["Quantity"] = len(found["Items"])


def said(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_the_check_says_what_there_is_and_leaves_nothing(stage: Stage) -> None:
    for name in ("Public keys per account", "Key groups per account"):
        stage.account.limits[name] = 100
    come()
    until_settled(stage)
    text = said("check_cloudfront", "--try")
    assert "FAIL" not in text
    assert f"ok   shared distribution {stage.pool}: deployed, 1 organizations, 3 names" in text
    assert "ok   quotas: room for 48 more organizations" in text
    assert "3 of 100 public keys of the account (as AWS says)" in text
    assert "ok   a key and a group: made and deleted" in text
    stage.assert_no_orphans()


def test_the_check_fails_where_something_is_missing(stage: Stage, settings: object) -> None:
    for _ in range(5):
        come()
    for _ in range(3):
        settle()
        stage.account.deploy()
    items = stage.account.distributions[stage.second].data["CacheBehaviors"]["Items"]
    next(one for one in items if one["PathPattern"] == "/media/t/*")["TargetOriginId"] = "media"
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("check_cloudfront", stdout=out)
    assert ended.value.code == 1
    text = out.getvalue()
    assert "FAIL quotas: ask AWS for more: 10 of 10 public keys of the account" in text
    assert f"FAIL shared distribution {stage.second}: /media/t/* leads to the bucket" in text
    assert "FAIL organizations: 1 of" in text
    settings.MEDIA_EDGE = "local"  # type: ignore[attr-defined]
    with pytest.raises(CommandError, match="LMS_MEDIA_EDGE"):
        call_command("check_cloudfront")


def _led_over(items: list[dict[str, Any]]) -> None:
    """As front doors were made before: everything is redirected."""
    for one in items:
        one["ViewerProtocolPolicy"] = "redirect-to-https"


def _behind_all(items: list[dict[str, Any]]) -> None:
    """Asked after one that takes every path: CloudFront never comes to them."""
    items.insert(0, stages.behaviour("*", "app"))


@pytest.mark.parametrize("change", [_led_over, _behind_all])
def test_the_check_finds_a_front_door_that_answers_programs_in_the_clear(
    stage: Stage, change: Callable[[list[dict[str, Any]]], None]
) -> None:
    """Terraform leaves behaviours of a pool that exists already as they are; films are served there all the same."""
    for name in ("Public keys per account", "Key groups per account"):
        stage.account.limits[name] = 100
    found = stage.account.distributions[stage.pool].data["CacheBehaviors"]
    change(found["Items"])
    found["Quantity"] = len(found["Items"])
    come()
    until_settled(stage)
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_cloudfront", stdout=out)
    failed = [line for line in out.getvalue().splitlines() if line.startswith("FAIL")]
    assert failed == [
        f"FAIL shared distribution {stage.pool}: answers /_allauth/*, /api/* without TLS: docs/operations/media-edge.md"
    ]


def test_moves_and_rotations_are_recorded_with_their_reason(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    host = host_of(acme)
    assert "holds what it has to" in said("move_edge", host)
    with pytest.raises(CommandError, match="why"):
        said("move_edge", host, "--to", "distribution_tenant")
    said("move_edge", host, "--rotate", "--reason", "a laptop was lost", "--at-once")
    text = said("move_edge", str(acme), "--to", "distribution_tenant", "--reason", "their own domain")
    assert "preparing" in text
    with pytest.raises(CommandError, match="under way"):
        said("move_edge", host, "--to", "distribution_tenant", "--reason", "again")
    with pytest.raises(CommandError, match="Nobody"):
        said("move_edge", "nobody.lms.example")
    with tenancy.platform():
        found = PlatformAuditEntry.objects.filter(organization_id=acme).order_by("id")
        assert [(one.action, one.reason) for one in found] == [
            ("edge.rotate", "a laptop was lost"),
            ("edge.move", "their own domain"),
        ]
        assert found[1].changes == {"strategy": ["pooled", "distribution_tenant"]}


def test_the_key_that_tenants_share_is_rotated_by_name_of_the_template(stage: Stage) -> None:
    with pytest.raises(CommandError, match="no key group"):
        said("move_edge", "--template", "--rotate", "--reason", "a laptop was lost")
    acme = come()
    until_settled(stage)
    said("move_edge", str(acme), "--to", "distribution_tenant", "--reason", "their own domain")
    settle()
    for wrong in (["--template"], [], [str(acme), "--template", "--rotate"]):
        with pytest.raises(CommandError, match="Name an organization"):
            said("move_edge", *wrong)
    with pytest.raises(CommandError, match="why"):
        said("move_edge", "--template", "--rotate")
    shard = shard_id(stage.template)
    with tenancy.platform():
        before = SigningKey.objects.get(organization_id=shard, state="current")

    text = said("move_edge", "--template", "--rotate", "--at-once", "--reason", "a laptop was lost")

    assert stage.template in text
    with tenancy.platform():
        before.refresh_from_db()
        assert before.state == "revoked"
        recorded = PlatformAuditEntry.objects.filter(action="edge.rotate_template").latest("at")
        assert (recorded.reason, recorded.changes) == ("a laptop was lost", {"at_once": [None, True]})


def test_health_says_why_videos_are_not_delivered(stage: Stage) -> None:
    acme = come()
    stage.account.distributions[stage.pool].data["CacheBehaviors"] = stages.config("x")["CacheBehaviors"] | {
        "Items": [stages.behaviour("/media/p/*", "media")],
        "Quantity": 1,
    }
    settle()
    with tenancy.platform():
        problems = media.edge_problems([acme])
    assert problems == {acme: "There is no behaviour /media/t/* to make organizations' ones of."}
    fine = Signs(
        state="active", served=True, release=1, current_release=1, queue_lag_seconds=0, parked=0, failed_jobs=0,
        failed_steps=0, storage_bytes=0, limit_bytes=None,
    )  # fmt: skip
    assert judge(fine) == (100, [])
    score, words = judge(replace(fine, delivery=problems[acme]))
    assert (score, words) == (50, [f"Video delivery: {problems[acme]}"])
    assert binding(acme).state == EdgeBinding.State.PENDING
