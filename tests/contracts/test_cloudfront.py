"""CloudFront is made to hold what the rows say: shared distributions, over its API by its own model."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

import tenancy
from core.clock import now
from core.ids import new_id
from media.aws import cloudfront
from media.edge import account_keys, grants, keyring, quotas, registry
from media.edge.interface import NoKeyGroup, NotDeployedYet
from media.edge.rows import RowsEdge
from media.edge.settling import Settled
from media.edge.token import shard_id
from media.models import EdgeBinding, EdgePool, EdgeSecret, RevokedGrant, SigningKey
from media.models.keys import Namespace
from tests.support.cloudfront import stage as stages
from tests.support.cloudfront.stage import SUFFIX, Stage


@pytest.fixture
def stage(settings: Settings, monkeypatch: pytest.MonkeyPatch, django_db_blocker: Any) -> Iterator[Stage]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(account_keys, "GROUP_SETTLES", timedelta(0))
    with django_db_blocker.unblock(), stages.running() as made:
        for name, value in made.settings.items():
            setattr(settings, name, value)
        registry.forget()
        cloudfront.control_plane.cache_clear()
        # What another file's tests have left is of an account that was another: it stands aside.
        with tenancy.platform():
            EdgePool.objects.all().delete()
            others = list(EdgeBinding.objects.all())
            EdgeBinding.objects.all().delete()
        yield made
        registry.forget()
        cloudfront.control_plane.cache_clear()
        with tenancy.platform():
            EdgePool.objects.all().delete()
            for model in (EdgeBinding, EdgeSecret, SigningKey, RevokedGrant, Namespace):
                model.objects.filter(organization_id__in=[*COME, shard_id(made.template)]).delete()
            EdgeBinding.objects.exclude(organization_id__in=COME).delete()
            EdgeBinding.objects.bulk_create(others)
        COME.clear()


COME: list[UUID] = []


def settle(*, all_of_them: bool = True) -> Settled:
    """One look of the writer, as the duty has it."""
    found = registry.settling()
    assert found is not None
    with tenancy.platform():
        return found.settle(all_of_them=all_of_them)


def until_settled(stage: Stage, looks: int = 8) -> None:
    """Look, and let CloudFront deploy, until it holds everything."""
    for _ in range(looks):
        outcome = settle()
        assert not outcome.refused, outcome
        if len(outcome.settled) == 3:  # two shared ones and the template: nobody else held a lock
            return
        stage.account.deploy()
    told = [(one.state, one.phase, one.is_settled, one.problem) for one in bindings()]
    raise AssertionError(f"not settled after {looks} looks: {outcome}, {told}")


def bindings() -> list[EdgeBinding]:
    with tenancy.platform():
        return list(EdgeBinding.objects.filter(organization_id__in=COME).order_by("organization_id"))


def binding(organization: UUID) -> EdgeBinding:
    with tenancy.platform():
        return EdgeBinding.objects.get(organization_id=organization)


def edge() -> RowsEdge:
    registry_edge = registry.rows_edge()
    registry_edge._known.clear()  # another process would have looked it up half a minute ago at most
    return registry_edge


def host_of(organization: UUID) -> str:
    return f"o{organization.hex[-8:]}.{SUFFIX}"


def come(*hosts: str) -> UUID:
    """An organization comes."""
    organization = new_id()
    COME.append(organization)
    edge().ensure_tenant(organization, [host_of(organization), *hosts])
    return organization


def cookies(organization: UUID, *, asked_of: UUID | None = None) -> dict[str, str]:
    """Cookies for the one film, signed for ``asked_of``'s path by the organization's own credentials."""
    if asked_of is None:
        granted = edge().grant(organization, host=host_of(organization), item_id=FILM, rev="1")
    else:
        with tenancy.platform():
            signer = keyring.signer(organization, only_trusted=False)
        granted = grants.sign(signer, asked_of, host=host_of(asked_of), item_id=FILM, rev="1")
    return {cookie.name: cookie.value for cookie in granted.cookies}


FILM = new_id()


def plays(stage: Stage, organization: UUID, given: dict[str, str] | None = None) -> str:
    url = f"https://{host_of(organization)}/media/t/{organization}/v/{FILM}/1/seg/1.m4s"
    return stage.ask(url, cookies(organization) if given is None else given, now().timestamp())


# -- an organization comes


def test_an_organization_is_served_once_everything_is_everywhere(stage: Stage) -> None:
    acme = come()
    assert binding(acme).state == "pending"
    assert binding(acme).pool == stage.pool
    with pytest.raises(NotDeployedYet):
        cookies(acme)
    outcome = settle()
    assert outcome.under_way
    with pytest.raises(NotDeployedYet):
        cookies(acme)
    stage.account.deploy()
    settle()
    assert binding(acme).state == "deployed"
    assert plays(stage, acme) == "served"
    assert host_of(acme) in stage.aliases(stage.pool)
    assert stage.aliases(stage.pool)[:2] == [f"*.{SUFFIX}", SUFFIX], "what was there stays as it was"
    assert {"/media/p/*", "/media/t/*"} <= {
        one["PathPattern"] for one in stage.account.distributions[stage.pool].data["CacheBehaviors"]["Items"]
    }
    stage.assert_no_orphans()


def test_a_key_opens_nothing_of_another_organization(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    assert plays(stage, acme) == plays(stage, globex) == "served"
    assert plays(stage, acme, cookies(globex, asked_of=acme)) == "UnknownKey"
    assert plays(stage, acme, cookies(globex)) == "UnknownKey"
    groups = stage.organizations(stage.pool)
    assert groups[acme].isdisjoint(groups[globex])
    assert all(len(one) == 1 for one in groups.values())


def test_many_come_and_one_update_takes_them_all(stage: Stage) -> None:
    for name in stage.account.limits:
        stage.account.limits[name] = 100
    for _ in range(6):
        come()
    settle()
    assert stage.account.calls.count("UpdateDistribution") == 1
    come()
    settle()
    assert stage.account.calls.count("UpdateDistribution") == 1, "while an update is under way nothing else is sent"
    until_settled(stage)
    assert stage.account.calls.count("UpdateDistribution") == 2
    assert {one.state for one in bindings()} == {"deployed"}
    before = len(stage.account.calls)
    settle(all_of_them=False)
    assert len(stage.account.calls) == before, "nothing is due, so nobody is asked"


# -- keys change


def test_a_rotation_refuses_nobody_who_plays(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    held = [cookies(acme)]

    def all_play(when: str) -> None:
        held.append(cookies(acme))
        assert [plays(stage, acme, one) for one in held] == ["served"] * len(held), when

    edge().rotate(acme)
    all_play("the next key was trusted already")
    with pytest.raises(NotDeployedYet):
        edge().rotate(acme)  # the one after that is not
    settle()
    all_play("the next key but one is on its way")
    until_settled(stage)
    all_play("and there")
    edge().rotate(acme)
    until_settled(stage)
    all_play("and signs")
    with tenancy.platform():
        SigningKey.objects.filter(state="retiring").update(retires_at=now())
    still = held[-1]
    edge().tidy()
    until_settled(stage)
    settle()
    assert plays(stage, acme, still) == "served"
    assert plays(stage, acme, held[0]) == "UnknownKey", "the oldest key is out of the group"
    stage.assert_no_orphans()
    assert len(stage.made_keys) == 2


def test_a_key_that_got_out_goes_at_once(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    stolen = cookies(acme)
    edge().rotate(acme, at_once=True)
    assert plays(stage, acme, stolen) == "served", "until CloudFront has been told"
    assert plays(stage, acme) == "served"
    until_settled(stage)
    assert plays(stage, acme, stolen) == "UnknownKey"
    assert plays(stage, acme) == "served"


def test_a_changed_group_is_believed_after_its_time(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    acme = come()
    until_settled(stage)
    monkeypatch.setattr(account_keys, "GROUP_SETTLES", timedelta(minutes=5))
    edge().rotate(acme)
    settle()
    stage.account.deploy()
    assert settle().under_way, "CloudFront says nothing of when a group is everywhere"
    with tenancy.platform():
        assert not keyring.group(acme).exclude(trusted_at=None).filter(state="next").exists()
    for group in stage.made_groups.values():
        group.changed_at = now() - timedelta(minutes=6)
    assert not settle().under_way


# -- rights end, organizations go


def test_a_switched_off_organization_has_no_path_and_comes_back(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    held = cookies(acme)
    edge().revoke(acme)
    with pytest.raises(NoKeyGroup):
        cookies(acme)
    until_settled(stage)
    assert plays(stage, acme, held) == "UnknownKey"
    assert plays(stage, globex) == "served"
    assert host_of(acme) in stage.aliases(stage.pool), "its people are told on its own host"
    edge().ensure_tenant(acme, [host_of(acme)])
    with pytest.raises(NotDeployedYet):
        cookies(acme)
    until_settled(stage)
    assert plays(stage, acme) == "served"


def test_what_the_edge_has_kept_of_an_organization_is_closed_with_it(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    assert plays(stage, acme) == plays(stage, globex) == "served"
    assert plays(stage, acme, {}) == "MissingKey"
    edge().revoke(acme)
    until_settled(stage)
    url = f"https://{host_of(globex)}/media/t/{acme}/v/{FILM}/1/seg/1.m4s"
    kept = (stage.pool, f"/t/{acme}/v/{FILM}/1/seg/1.m4s")
    assert kept in stage.kept, "nobody takes it out of the cache: its behaviour alone is gone"
    for given in ({}, cookies(globex), cookies(globex, asked_of=globex)):
        assert plays(stage, acme, given) in ("MissingKey", "UnknownKey")
        assert stage.ask(url, given, now().timestamp()) in ("MissingKey", "UnknownKey")
    assert plays(stage, globex) == "served"


def test_of_a_deleted_organization_nothing_is_left(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    with tenancy.platform():
        for model in (EdgeBinding, SigningKey):
            model.objects.filter(organization_id=acme).delete()
    until_settled(stage)
    settle()
    settle()
    assert stage.organizations(stage.pool).keys() == {globex}
    assert host_of(acme) not in stage.aliases(stage.pool)
    assert len(stage.made_groups) == 1
    assert len(stage.made_keys) == 2
    stage.assert_no_orphans()
    assert plays(stage, globex) == "served"


def test_what_is_another_cells_is_left_alone(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    plane = cloudfront.control_plane()
    with tenancy.platform():
        pem = keyring.group(acme).first().public_pem  # type: ignore[union-attr]
    theirs = plane.create_public_key("lms-elsewhere-K1", pem)
    by_hand = plane.create_public_key("for-something-else", pem)
    group = plane.create_key_group("lms-elsewhere-group", [theirs])
    settle()
    assert {theirs, by_hand} <= stage.account.keys.keys()
    assert group.id in stage.account.groups


def test_hosts_follow(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    edge().follow_hosts(acme, [host_of(acme), f"second.{SUFFIX}"])
    until_settled(stage)
    assert f"second.{SUFFIX}" in stage.aliases(stage.pool)
    edge().follow_hosts(acme, [host_of(acme)])
    until_settled(stage)
    assert f"second.{SUFFIX}" not in stage.aliases(stage.pool)
    assert plays(stage, acme) == "served"


def test_a_name_that_somebody_else_has_is_said_and_holds_nobody_up(stage: Stage) -> None:
    other = stage.account.distribute(stages.config("somebody's", (f"taken.{SUFFIX}",)))
    stage.account.distributions.pop(other)  # another account's: it can't be seen, and it can't be moved
    acme, globex = come(f"taken.{SUFFIX}"), come()
    original = stage.account.holder
    stage.account.holder = lambda name: stages.Thing(other, {}) if name.startswith("taken") else original(name)  # type: ignore[method-assign]
    stage.account.update_domain_association = refuse  # type: ignore[method-assign]
    for _ in range(3):
        settle()
        stage.account.deploy()
    assert "taken" in binding(acme).problem
    assert binding(globex).state == "deployed"
    assert plays(stage, globex) == "served"


def refuse(given: dict[str, Any]) -> dict[str, Any]:
    from tests.support.cloudfront.wire import ApiError

    raise ApiError("IllegalUpdate", "The domain is in another account.")


# -- quotas and places


def test_a_fresh_account_has_room_for_four_and_says_so(stage: Stage) -> None:
    organizations = [come() for _ in range(5)]
    for _ in range(3):
        settle()
        stage.account.deploy()
    states = [binding(one).state for one in organizations]
    assert sorted(states) == ["deployed"] * 4 + ["pending"]
    left = next(one for one in bindings() if one.state == "pending")
    assert left.problem == "CloudFront's quota of public keys of the account is used up: 10 of 10. Ask AWS for more."
    assert "TooManyPublicKeys" not in stage.account.calls
    with tenancy.platform():
        row = EdgePool.objects.get(distribution_id=stage.pool)
    assert quotas.nearly(row.quotas, row.used)[:2] == ["10 of 10 public keys of the account"]
    for name in ("Public keys per account", "Key groups per account"):
        stage.account.limits[name] = 100
    with tenancy.platform():
        EdgePool.objects.update(quotas={})
    until_settled(stage)
    assert {one.state for one in bindings()} == {"deployed"}
    assert {one.problem for one in bindings()} == {""}


def test_a_pool_keeps_five_behaviours_free_and_the_next_one_takes_over(stage: Stage) -> None:
    for name in ("Public keys per account", "Key groups per account"):
        stage.account.limits[name] = 100
    stage.account.limits["Cache behaviors per distribution"] = 10  # two are there, five stay free: three come in
    come()
    until_settled(stage)
    for _ in range(5):
        come()
    until_settled(stage)
    assert len(stage.organizations(stage.pool)) == 3
    assert len(stage.organizations(stage.second)) == 3
    seventh = come()
    assert binding(seventh).pool == ""
    settle()
    assert "LMS_CLOUDFRONT_POOLS" in binding(seventh).problem
    assert binding(seventh).state == "pending"


def test_a_distribution_that_would_open_films_to_all_is_not_touched(stage: Stage) -> None:
    items = stage.account.distributions[stage.pool].data["CacheBehaviors"]["Items"]
    items[1]["TargetOriginId"] = "media"
    acme = come()
    settle()
    assert stage.account.calls.count("UpdateDistribution") == 0
    assert "open to all" in binding(acme).problem
    items[1]["TargetOriginId"] = "app"
    closed, items[1]["TrustedKeyGroups"] = items[1]["TrustedKeyGroups"], {"Enabled": False, "Quantity": 0}
    settle()
    assert stage.account.calls.count("UpdateDistribution") == 0
    assert "/media/t/* asks for no signature" in binding(acme).problem
    items[1]["TrustedKeyGroups"] = closed
    items.append(stages.behaviour("/media/*", "media"))
    stage.account.distributions[stage.pool].data["CacheBehaviors"]["Quantity"] = 3
    settle()
    assert "/media/* opens films to all" in binding(acme).problem


# -- writers that meet


def test_somebody_elses_change_in_between_is_kept(stage: Stage) -> None:
    acme = come()
    changes = iter(range(2))

    def by_hand(moment: str, operation: str) -> None:
        if (moment, operation) == ("before", "UpdateDistribution") and next(changes, None) is not None:
            thing = stage.account.distributions[stage.pool]
            thing.change({**thing.data, "Comment": f"by hand {thing.version}"})

    stage.account.called = by_hand
    until_settled(stage)
    assert plays(stage, acme) == "served"
    assert stage.account.distributions[stage.pool].data["Comment"].startswith("by hand")


def test_two_writers_lose_no_behaviour(stage: Stage) -> None:
    """Ten rounds of two looks at once while organizations come and go: one writes, or both and the versions decide."""
    for name in stage.account.limits:
        stage.account.limits[name] = 200
    stage.account.deploys_at_once = True
    here = [come() for _ in range(3)]
    failures: list[Exception] = []

    def look() -> None:
        try:
            for _ in range(2):
                settle()
        except Exception as error:  # noqa: BLE001 - whatever it is, it fails the test
            failures.append(error)
        finally:
            connection.close()

    for round_ in range(10):
        threads = [threading.Thread(target=look) for _ in range(2)]
        for thread in threads:
            thread.start()
        here.append(come())
        if round_ % 3 == 2:
            edge().revoke(here.pop(0))
        for thread in threads:
            thread.join()
    assert failures == []
    until_settled(stage)
    assert stage.organizations(stage.pool).keys() == set(here)
    assert [plays(stage, one) for one in here] == ["served"] * len(here)


def test_two_writers_without_the_lock_still_lose_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when two cells share a distribution: the versions alone have to do."""
    from media.edge import settling as module

    monkeypatch.setattr(module, "only_one", unlocked)
    test_two_writers_lose_no_behaviour(stage)


class unlocked:  # noqa: N801 - stands for a context manager
    def __init__(self, what: str) -> None:
        """Nobody holds anything."""

    def __enter__(self) -> bool:
        return True

    def __exit__(self, *_: object) -> None:
        """Nor lets go."""
