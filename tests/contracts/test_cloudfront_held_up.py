"""What is used up, refused or broken at CloudFront for one organization holds up nobody else, and not for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

import tenancy
from core.clock import now
from media.aws import cloudfront
from media.edge import naming, rows, template_writer
from media.edge.token import shard_id
from media.models import EdgeBinding, EdgePool, EdgeSecret, SigningKey
from tests.contracts.test_cloudfront import (
    binding,
    bindings,
    come,
    cookies,
    edge,
    plays,
    settle,
    stage,
    until_settled,
)
from tests.contracts.test_cloudfront_tenants import TENANT, moved
from tests.support.cloudfront.account import behaviours_of
from tests.support.cloudfront.stage import Stage
from tests.support.cloudfront.wire import ApiError

__all__ = ["stage"]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the function's store be believed at once."""
    monkeypatch.setattr(template_writer, "STORE_SETTLES", timedelta(0))


def look(stage: Stage, times: int) -> None:
    for _ in range(times):
        settle()
        stage.account.deploy()


def current(owner: UUID) -> SigningKey:
    with tenancy.platform():
        return SigningKey.objects.get(organization_id=owner, state="current")


def as_old_as(owners: list[UUID], age: timedelta) -> None:
    """Let every key of these be so old, and have signed for as long if it signs."""
    with tenancy.platform():
        mine = SigningKey.objects.filter(organization_id__in=owners)
        mine.update(created_at=now() - age)
        mine.filter(state="current").update(signs_since=now() - age)


# -- quotas


@pytest.mark.parametrize("times", [1, 2])
def test_a_key_that_got_out_goes_though_the_quota_is_used_up(stage: Stage, times: int) -> None:
    organizations = [come() for _ in range(5)]
    look(stage, 3)
    acme = next(one for one in organizations if binding(one).state == "deployed")
    others = [one for one in organizations if one != acme and binding(one).state == "deployed"]
    assert len(stage.account.keys) == stage.account.limits["Public keys per account"]
    stolen = cookies(acme)

    for _ in range(times):
        edge().rotate(acme, at_once=True)
    look(stage, 6)

    assert plays(stage, acme, stolen) == "UnknownKey"
    assert plays(stage, acme) == "served"
    assert [plays(stage, one) for one in others] == ["served"] * len(others)
    assert binding(acme).is_settled
    with tenancy.platform():
        assert not SigningKey.objects.filter(organization_id=acme, state="next", trusted_at=None).exists()


def test_who_is_switched_off_goes_though_newcomers_are_refused(stage: Stage) -> None:
    """CloudFront takes fewer than it tells: what must go does not wait for what wants to come."""
    acme, globex = come(), come()
    until_settled(stage)
    kept = cookies(acme)
    stage.account.limits["Cache behaviors per distribution"] = (
        len(behaviours_of(stage.account.distributions[stage.pool].data)) - 1
    )  # one more than the default is listed there
    newcomers = [come(), come()]
    edge().revoke(acme)
    look(stage, 3)

    assert acme not in stage.organizations(stage.pool)
    assert plays(stage, acme, kept) != "served"
    assert plays(stage, globex) == "served"
    assert {binding(one).state for one in newcomers} == {"pending"}
    assert all("TooManyCacheBehaviors" in binding(one).problem for one in newcomers)

    stage.account.limits["Cache behaviors per distribution"] = 75
    until_settled(stage)
    assert [plays(stage, one) for one in newcomers] == ["served"] * 2


def test_a_key_that_got_out_goes_though_the_distribution_is_not_as_it_has_to_be(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    stolen = cookies(acme)
    pool = stage.account.distributions[stage.pool]
    for config in (pool.data, pool.live):
        for one in behaviours_of(config):
            if one.get("PathPattern") == "/media/t/*":
                one["TrustedKeyGroups"] = {"Enabled": False, "Quantity": 0}

    edge().rotate(acme, at_once=True)
    look(stage, 6)

    assert plays(stage, acme, stolen) == "UnknownKey"
    with tenancy.platform():
        assert "asks for no signature" in EdgePool.objects.get(distribution_id=stage.pool).problem


def test_a_raised_quota_is_noticed_within_the_hour(stage: Stage) -> None:
    organizations = [come() for _ in range(6)]
    look(stage, 3)
    assert sorted(binding(one).state for one in organizations) == ["deployed"] * 4 + ["pending"] * 2
    assert stage.account.calls.count("ListServiceQuotas") == 1
    for name in ("Public keys per account", "Key groups per account"):
        stage.account.limits[name] = 100
    look(stage, 2)
    assert stage.account.calls.count("ListServiceQuotas") == 1, "they are asked for once an hour"
    with tenancy.platform():
        EdgePool.objects.update(quotas_read_at=now() - timedelta(hours=1))

    until_settled(stage)

    assert {one.state for one in bindings()} == {"deployed"}
    assert stage.account.calls.count("ListServiceQuotas") == 2


def test_quotas_that_nobody_tells_are_those_of_before(stage: Stage) -> None:
    come()
    until_settled(stage)

    def refused(given: dict[str, Any]) -> dict[str, Any]:
        raise ApiError("AccessDeniedException", "not today", 403)

    stage.account.list_service_quotas = refused  # type: ignore[method-assign]
    with tenancy.platform():
        EdgePool.objects.update(quotas_read_at=now() - timedelta(hours=2))
    acme = come()

    until_settled(stage)

    assert plays(stage, acme) == "served"


# -- what is to be rotated for its age


def test_a_key_is_rotated_once_in_its_time(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    first = current(acme)
    as_old_as([acme], rows.ROTATE_EVERY + timedelta(days=1))

    edge().tidy()
    second = current(acme)
    until_settled(stage)
    edge().tidy()

    assert second.id != first.id
    assert current(acme).id == second.id, "it was made long ago, and signs since a minute"
    with tenancy.platform():
        SigningKey.objects.filter(id=second.id).update(signs_since=now() - rows.ROTATE_EVERY - timedelta(minutes=1))
    edge().tidy()
    assert current(acme).id != second.id


def test_who_can_not_rotate_is_in_nobodys_way(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One at a time, and two that can't are older: one is switched off, the other's next key is not trusted."""
    monkeypatch.setattr(rows, "AT_ONCE", 1)
    off, waiting, gone, acme = come(), come(), come(), come()
    until_settled(stage)
    edge().revoke(off)
    with tenancy.platform():
        SigningKey.objects.filter(organization_id=waiting, state="next").update(trusted_at=None)
        EdgeBinding.objects.filter(organization_id=gone).delete()
    as_old_as([off, waiting, gone], timedelta(days=200))
    as_old_as([acme], timedelta(days=100))
    before = {one: current(one).id for one in (off, waiting, acme)}

    edge().tidy()

    assert current(acme).id != before[acme]
    assert (current(off).id, current(waiting).id) == (before[off], before[waiting])


def test_a_tenants_secret_is_changed_for_its_age_though_its_own_keys_are_trusted_nowhere(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    with tenancy.platform():
        SigningKey.objects.filter(organization_id=acme, state="next").update(trusted_at=None)
        before = EdgeSecret.objects.get(organization_id=acme, state="current").id
    as_old_as([acme], timedelta(days=100))
    edge().tidy()
    with tenancy.platform():
        assert EdgeSecret.objects.get(organization_id=acme, state="current").id != before


def test_the_key_that_tenants_share_is_rotated_and_dropped_at_the_next_look(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    until_settled(stage)
    shard = shard_id(stage.template)
    old = current(shard)

    edge().rotate_shard(stage.template)
    before = len(stage.account.calls)
    settle(all_of_them=False)
    assert len(stage.account.calls) > before, "it is due at once"
    until_settled(stage)
    with tenancy.platform():
        SigningKey.objects.filter(organization_id=shard, state="retiring").update(retires_at=now())
    edge().tidy()
    settle(all_of_them=False)
    settle(all_of_them=False)

    name = naming.key_group("local", shard)
    group = next(one for one in stage.account.groups.values() if one.data["Name"] == name)
    assert old.public_key_id not in group.data["Items"]
    stage.account.deploy()
    assert plays(stage, acme) == "served"


# -- what can't be removed, and what can't be read


def test_a_tenant_that_stays_holds_up_nobody(stage: Stage) -> None:
    acme, leaver = come(), come()
    until_settled(stage)
    for one in (acme, leaver):
        moved(stage, one, TENANT)
    with tenancy.platform():
        EdgeBinding.objects.filter(organization_id=leaver).delete()
    change = stage.account.update_distribution_tenant

    def stays(given: dict[str, Any]) -> dict[str, Any]:
        if stage.account.tenants[given["Id"]].data["Name"] == naming.tenant("local", leaver):
            raise ApiError("AccessDenied", "not this one", 403)
        return change(given)

    stage.account.update_distribution_tenant = stays  # type: ignore[method-assign]
    late = come()
    until_settled(stage)
    moved(stage, late, TENANT)
    assert plays(stage, acme) == plays(stage, late) == "served"

    stage.account.update_distribution_tenant = change  # type: ignore[method-assign]
    look(stage, 3)
    assert naming.tenant("local", leaver) not in {one.data["Name"] for one in stage.account.tenants.values()}


def test_a_secret_that_does_not_open_holds_up_nobody(stage: Stage) -> None:
    acme, broken = come(), come()
    until_settled(stage)
    for one in (acme, broken):
        moved(stage, one, TENANT)
    held, kept = cookies(broken), stage.account.values[str(broken)]
    with tenancy.platform():
        EdgeSecret.objects.filter(organization_id=broken, state="next").update(sealed_secret=b"\x01" + b"0" * 60)
        EdgeBinding.objects.filter(organization_id=broken).update(wanted_at=now())
    edge().rotate(acme)

    look(stage, 3)

    assert plays(stage, acme) == "served"
    assert binding(acme).is_settled
    assert "can't be opened" in binding(broken).problem
    assert stage.account.values[str(broken)] == kept
    assert plays(stage, broken, held) == "served"


def test_a_secret_is_known_only_if_it_was_written(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is made while the store is being told is not in what it is told."""
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    with tenancy.platform():
        EdgeSecret.objects.filter(organization_id=acme).update(trusted_at=now())
    plane = cloudfront.control_plane()
    change, rotations = plane.change_values, iter(range(1))

    def rotated_meanwhile(*told: Any) -> None:
        change(*told)
        if next(rotations, None) is not None:
            edge().rotate(acme)

    monkeypatch.setattr(plane, "change_values", rotated_meanwhile)
    settle()

    with tenancy.platform():
        upcoming = EdgeSecret.objects.get(organization_id=acme, state="next")
    assert upcoming.trusted_at is None
    until_settled(stage)
    edge().rotate(acme, at_once=True)
    assert plays(stage, acme) == "served"
