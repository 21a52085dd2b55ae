"""What staff see of CloudFront: distributions and quotas, whose films are where, and moves that they begin."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

import tenancy
from media.edge import registry
from media.models import EdgePool
from staff.models import PlatformAuditEntry
from staff.testing import browser
from tests.contracts.test_cloudfront import binding, come, edge, plays, settle, stage, until_settled
from tests.contracts.test_cloudfront_tenants import moved, soon
from tests.support.cloudfront.stage import Stage

__all__ = ["soon", "stage"]
JSON = {"content_type": "application/json"}
TENANT, POOLED = "distribution_tenant", "pooled"


@pytest.fixture
def support(db: None) -> Client:
    return browser("support")


@pytest.fixture
def operations(db: None) -> Client:
    return browser("operations")


@pytest.fixture(autouse=True)
def large(stage: Stage) -> None:
    for name in ("Public keys per account", "Key groups per account"):
        stage.account.limits[name] = 100


def delivery(client: Client) -> dict[str, Any]:
    answer = client.get("/api/v1/delivery/")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def listed(client: Client, query: str) -> list[str]:
    return [one["organization_id"] for one in client.get(f"/api/v1/delivery/organizations/?{query}").json()["items"]]


def move(client: Client, organization: UUID, **body: str) -> Any:
    path = f"/api/v1/organizations/{organization}/delivery/"
    return client.post(path, {"reason": "Their own domain", **body}, **JSON)


def figures(given: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {one["name"]: (one["used"], one["limit"]) for one in given}


def test_distributions_say_what_they_hold_of_what_they_may(support: Client, stage: Stage) -> None:
    first, second = come(), come()
    settle()
    under_way = delivery(support)["distributions"][0]
    assert (under_way["is_deployed"], under_way["organizations"]) == (False, 2)
    until_settled(stage)

    found = delivery(support)

    assert found["edge"] == "cloudfront"
    assert (found["pending"], found["moving"], found["troubled"]) == (0, 0, 0)
    pool, other, template = found["distributions"]
    assert [one["id"] for one in found["distributions"]] == [stage.pool, stage.second, stage.template]
    assert (pool["kind"], template["kind"]) == ("shared", "template")
    assert figures(pool["quotas"]) == {"behaviours": (4, 75), "aliases": (4, 100)}
    assert (pool["organizations"], pool["key_groups"], pool["public_keys"]) == (2, 2, 4)
    assert (pool["is_deployed"], pool["has_room"], pool["problem"]) == (True, True, "")
    assert pool["written_by"].endswith(f"({os.getpid()})")
    assert (other["organizations"], other["written_at"]) == (0, None)
    assert figures(found["account"])["public_keys"] == (len(stage.account.keys), 100)
    assert listed(support, f"pool={stage.pool}") == sorted(map(str, (first, second)))
    assert listed(support, f"pool={stage.second}") == []
    assert support.get("/api/v1/delivery/organizations/?only=nothing").status_code == 422


def test_a_quota_that_is_used_up_and_what_is_wrong_with_a_distribution_are_said(support: Client, stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    items = stage.account.distributions[stage.pool].data["CacheBehaviors"]["Items"]
    next(one for one in items if one["PathPattern"] == "/media/t/*")["TargetOriginId"] = "media"
    with tenancy.platform():
        EdgePool.objects.filter(distribution_id=stage.second).update(
            used={"behaviours": 70, "aliases": 70, "public_keys": 2, "key_groups": 1}
        )
    settle()
    pool, other, _ = delivery(support)["distributions"]
    assert "open to all" in pool["problem"]
    with tenancy.platform():
        EdgePool.objects.filter(distribution_id=stage.second).update(
            used={"behaviours": 70, "aliases": 70, "public_keys": 2, "key_groups": 1}
        )
    other = delivery(support)["distributions"][1]
    assert (other["has_room"], figures(other["quotas"])["behaviours"]) == (False, (70, 75))
    assert listed(support, "only=troubled") == [str(acme)]


def test_who_moves_an_organization_says_why_and_sees_how_far_it_is(
    support: Client, operations: Client, stage: Stage
) -> None:
    acme = come()
    assert move(operations, acme, strategy=TENANT).json()["detail"] == "The edge does not serve it yet."
    until_settled(stage)
    assert support.get(f"/api/v1/organizations/{acme}/delivery/").json()["choices"] == [TENANT]
    assert move(support, acme, strategy=TENANT).status_code == 403
    assert move(operations, acme, strategy=TENANT, reason="").status_code == 422
    assert move(operations, acme, strategy=TENANT, pool=stage.second).status_code == 422

    began = move(operations, acme, strategy=TENANT)

    assert began.status_code == 202
    shown = began.json()
    assert (shown["phase"], shown["other_distribution"], shown["choices"]) == ("preparing", stage.template, [POOLED])
    assert listed(support, "only=moving") == listed(support, f"pool={stage.template}") == [str(acme)]
    assert delivery(support)["distributions"][2]["leaving"] == 1
    assert move(operations, acme, strategy=TENANT).status_code == 409
    with tenancy.platform():
        entry = PlatformAuditEntry.objects.get(organization_id=acme, action="edge.move")
    assert (entry.reason, entry.actor_kind) == ("Their own domain", "staff")
    assert entry.changes == {"strategy": [POOLED, TENANT], "distribution": [stage.pool, stage.template]}
    # Both edges hold it: from here on a move only waits, and says until when.
    until_settled(stage)
    edge().tidy()
    shown = support.get(f"/api/v1/organizations/{acme}/delivery/").json()
    assert (shown["phase"], shown["next_at"] is not None) == ("both", True)
    # Called off by the strategy that it has.
    assert move(operations, acme, strategy=POOLED).json()["phase"] == "settling"
    assert plays(stage, acme) == "served"


def test_a_shared_distribution_can_be_chosen(operations: Client, stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    assert move(operations, acme, strategy=POOLED, pool="E-NOBODYS").status_code == 422
    stage.account.limits["Cache behaviors per distribution"] = 7
    with tenancy.platform():
        EdgePool.objects.update(quotas={"behaviours": 7})
    full = move(operations, acme, strategy=POOLED, pool=stage.second)
    assert (full.status_code, full.json()["detail"]) == (
        409,
        f"The distribution {stage.second} has no room for one more.",
    )
    with tenancy.platform():
        EdgePool.objects.update(quotas={})
    assert move(operations, acme, strategy=POOLED, pool=stage.second).status_code == 202
    assert binding(acme).other_pool == stage.second


def test_where_the_embedded_edge_delivers_there_are_no_distributions(
    support: Client, operations: Client, stage: Stage, settings: Settings
) -> None:
    settings.MEDIA_EDGE = "local"
    registry.forget()
    acme = come()
    found = delivery(support)
    assert (found["edge"], found["distributions"], found["account"]) == ("local", [], [])
    assert found["organizations"] >= 1
    shown = support.get(f"/api/v1/organizations/{acme}/delivery/").json()
    assert (shown["state"], shown["choices"]) == ("deployed", [])
    refused = move(operations, acme, strategy=TENANT)
    assert (refused.status_code, refused.json()["code"]) == (409, "edge_refuses")
