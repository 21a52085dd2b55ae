"""Organizations that come from another edge: another cell's distributions, or the embedded one before CloudFront."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

import tenancy
from media import arrivals
from media.edge import registry
from media.edge.interface import NotDeployedYet
from media.models import EdgeBinding, EdgePool, EdgeValue, SigningKey
from tenants.cells import shared
from tests.contracts.test_cloudfront import binding, come, cookies, edge, host_of, plays, settle, stage
from tests.support.cloudfront.stage import Stage

__all__ = ["stage"]


def arrive(organization: UUID) -> None:
    """Let the organization's rows be as a move between cells brings them."""
    overrides = next(found.overrides for found in shared.moving(organization) if found.table == "media_edgebinding")
    changes = ", ".join(f"{column} = {value}" for column, value in overrides.items())
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE media_edgebinding SET {changes} WHERE organization_id = %s", [str(organization)])


def be(settings: Settings, cell: str, *pools: str, **more: object) -> None:
    """Be the cell that has these shared distributions."""
    for name, value in {"CELL": cell, "CLOUDFRONT_POOLS": pools, "CLOUDFRONT_TEMPLATE": "", **more}.items():
        setattr(settings, name, value)
    registry.forget()


def look(stage: Stage) -> None:
    """Look, and let CloudFront deploy, some times over."""
    for _ in range(4):
        settle()
        stage.account.deploy()


def test_from_another_cells_distribution_it_is_taken_in_by_ours_and_let_go_there(
    stage: Stage, settings: Settings
) -> None:
    be(settings, "local", stage.pool)
    acme, neighbour = come(), come()
    look(stage)
    held = cookies(acme)
    assert plays(stage, acme, held) == "served"

    # Over there: its rows have arrived.
    be(settings, "north", stage.second)
    arrive(acme)
    assert (binding(acme).pool, binding(neighbour).pool) == ("", stage.pool)
    assert plays(stage, acme) == "served", "what was there before serves until it lets go"
    assert edge().take_in() == 1
    assert edge().take_in() == 0
    with pytest.raises(NotDeployedYet):
        cookies(acme)
    look(stage)

    assert (binding(acme).pool, binding(acme).state) == (stage.second, "deployed")
    assert plays(stage, acme) == "served"
    assert host_of(acme) in stage.aliases(stage.second)
    assert host_of(acme) not in stage.aliases(stage.pool)
    assert acme in stage.organizations(stage.second)
    names = {one.data["Name"] for one in stage.made_groups.values()}
    assert f"lms-north-{acme}" in names
    assert plays(stage, acme, held) == "UnknownKey", "the old cell's keys open nothing here"

    # Where it was, its rows are gone: nothing of it is left, and the neighbour plays on.
    be(settings, "local", stage.pool)
    with tenancy.platform():
        theirs = EdgeBinding.objects.get(organization_id=acme)
        keys = list(SigningKey.objects.filter(organization_id=acme))
        EdgeBinding.objects.filter(organization_id=acme).delete()
        SigningKey.objects.filter(organization_id=acme).delete()
    look(stage)
    assert acme not in stage.organizations(stage.pool)
    assert {one.data["Name"] for one in stage.made_groups.values()} == {
        f"lms-north-{acme}",
        f"lms-local-{neighbour}",
    }
    assert plays(stage, neighbour) == "served"
    with tenancy.platform():
        theirs.save(force_insert=True)
        SigningKey.objects.bulk_create(keys)
    be(settings, "north", stage.second)
    assert plays(stage, acme) == "served"


def test_the_embedded_edge_hands_over_to_cloudfront_and_takes_back(stage: Stage, settings: Settings) -> None:
    be(settings, "local", stage.pool, MEDIA_EDGE="local")
    acme = come()
    before = cookies(acme)
    arrive(acme)
    assert binding(acme).pool == "local", "from one embedded edge to the next films play on"

    be(settings, "local", stage.pool, stage.second, MEDIA_EDGE="cloudfront")
    assert edge().take_in() == 1
    look(stage)
    assert plays(stage, acme) == "served"
    assert plays(stage, acme, before) == "UnknownKey"

    be(settings, "local", MEDIA_EDGE="local")
    assert edge().take_in() == 1
    assert (binding(acme).pool, binding(acme).state) == ("local", "deployed")
    assert cookies(acme)["CloudFront-Key-Pair-Id"].startswith("K")
    with tenancy.platform():
        assert not EdgeValue.objects.filter(organization_id=acme).exists()


def test_a_paused_one_stays_paused_and_one_without_a_template_is_pooled(stage: Stage, settings: Settings) -> None:
    be(settings, "local", stage.pool)
    paused, own_domain = come(), come()
    look(stage)
    edge().revoke(paused)
    with tenancy.platform():
        EdgeBinding.objects.filter(organization_id=own_domain).update(strategy="distribution_tenant")
    be(settings, "north", stage.second)
    for one in (paused, own_domain):
        arrive(one)
    assert edge().take_in() == 2
    assert (binding(paused).state, binding(paused).pool) == ("revoked", stage.second)
    assert (binding(own_domain).state, binding(own_domain).strategy) == ("pending", "pooled")


def test_a_name_left_out_of_the_settings_turns_nobody_out(stage: Stage, settings: Settings) -> None:
    be(settings, "local", stage.pool)
    acme = come()
    look(stage)
    be(settings, "local", stage.second)
    assert edge().take_in() == 0
    assert binding(acme).pool == stage.pool
    assert plays(stage, acme) == "served"


def test_room_is_asked_for_before_anything_moves(stage: Stage, settings: Settings) -> None:
    def said() -> str:
        with tenancy.platform(), connection.cursor() as cursor:
            return arrivals.why_not(acme, cursor)

    be(settings, "local", stage.pool)
    acme = come()
    with tenancy.platform():
        EdgePool.objects.all().delete()
    assert said() == "", "a cell without distributions serves by its embedded edge"
    look(stage)
    assert said() == ""
    for _ in range(4):
        come()
    look(stage)
    assert f"{stage.pool}: CloudFront's quota of public keys of the account is used up: 10 of 10." in said()
    with tenancy.platform():
        EdgePool.objects.update(quotas={**quotas_of(stage), "public_keys": 100, "key_groups": 100, "behaviours": 12})
    assert "cache behaviours of one distribution" in said()
    with tenancy.platform():
        EdgePool.objects.update(quotas={**quotas_of(stage), "behaviours": 75}, problem="There is no behaviour.")
    assert "There is no behaviour." in said()
    with tenancy.platform():
        EdgePool.objects.update(problem="")
    assert said() == ""


def quotas_of(stage: Stage) -> dict[str, int]:
    found: dict[str, int] = EdgePool.objects.get(distribution_id=stage.pool).quotas
    return found
