"""Two at once: the database lets one win, and the loser is told as if it had come later."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.db import connections

import tenancy
from core.clock import now
from core.ids import new_id, short_name
from tenants import pending
from tenants.domains import address, custom, proof
from tenants.errors import SlugUnavailable
from tenants.models import Domain, Organization

ROUNDS = 8


@pytest.fixture
def rivals(world: Any, django_db_blocker: Any, settings: Any) -> Iterator[list[UUID]]:
    """Two organizations that are rows only, really committed, and gone afterwards."""
    settings.HOST_FOLLOWERS = []
    made = [new_id(), new_id()]
    with django_db_blocker.unblock():
        with tenancy.platform():
            cache.clear()
            for number, found in enumerate(made):
                organization = Organization.objects.create(
                    id=found,
                    name=f"Rival {number}",
                    schema_name=f"t_{short_name(found)}",
                    db_role=f"r_{short_name(found)}",
                    state="active",
                    terms_version="1",
                    terms_accepted_at=now(),
                )
                host = f"rival-{short_name(found)}.lms.localhost"
                Domain.objects.create(organization=organization, host=host, state="active", is_primary=True)
        yield made
        with tenancy.platform():
            Domain.objects.filter(organization_id__in=made).delete()
            Organization.objects.filter(id__in=made)._raw_delete("default")  # no schema to look for
        connections.close_all()


def both(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Run both at once; return what each returned or raised."""
    gate, results = threading.Barrier(2), [None, None]

    def run(at: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(60)
            with tenancy.platform():
                results[at] = act()
        except Exception as error:  # noqa: BLE001 - what went wrong is the result
            results[at] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(at, act)) for at, act in enumerate((first, second))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert None not in results, "one of them never came back"
    return results


def test_of_two_that_want_one_address_one_has_it(rivals: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    # Without the hold in Valkey: the database alone has to keep them apart.
    monkeypatch.setattr(pending, "hold_slug", lambda *_, **__: True)
    monkeypatch.setattr(address, "RENAMES", ROUNDS + 1)
    monkeypatch.setattr(address, "MAX_ADDRESSES", ROUNDS + 2)
    for number in range(ROUNDS):
        slug = f"wanted-{short_name(rivals[0])}-{number}"
        results = both(*(partial(address.rename, found, slug) for found in rivals))
        losers = [found for found in results if isinstance(found, Exception)]
        assert len(losers) == 1, results
        assert isinstance(losers[0], SlugUnavailable)
        assert losers[0].members["reason"] == "taken"
        with tenancy.platform():
            assert Domain.objects.filter(host=f"{slug}.lms.localhost").count() == 1
            assert Domain.objects.filter(organization_id__in=rivals, is_primary=True).count() == 2
            assert Domain.objects.filter(organization_id__in=rivals, kind="subdomain", state="active").count() == 2


def test_attack_06_of_two_look_alikes_one_is_taken(rivals: list[UUID]) -> None:
    results = both(
        lambda: address.rename(rivals[0], "mill-harbour"),
        lambda: address.rename(rivals[1], "rnill-harb0ur"),
    )
    assert sum(isinstance(found, SlugUnavailable) for found in results) == 1, results


def test_of_two_proofs_of_one_domain_one_counts(rivals: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    yes = proof.Look(
        tuple(proof.Record(purpose, "TXT", "x", ("x",), ("x",), "found", "") for purpose in ("proof", "route")),
        True,
        True,
    )
    monkeypatch.setattr(proof, "look", lambda *_: yes)
    monkeypatch.setattr(proof, "holds", lambda *_: True)
    for number in range(4):
        with tenancy.platform():
            claims = [custom.claim(found, f"n{number}.race.example.com") for found in rivals]
        results = both(*(partial(custom.check, claim) for claim in claims))
        assert not [found for found in results if isinstance(found, Exception)], results
        assert sorted(found.state for found in results) == ["active", "pending"]


def test_one_renamed_twice_at_once_has_one_address(rivals: list[UUID]) -> None:
    both(lambda: address.rename(rivals[0], "north-pier"), lambda: address.rename(rivals[0], "south-quay"))
    with tenancy.platform():
        rows = Domain.objects.filter(organization_id=rivals[0], kind="subdomain")
        assert rows.filter(state="active").count() == 1
        assert rows.filter(is_primary=True).count() == 1
