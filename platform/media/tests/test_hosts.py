"""The edge's copies of hosts: mended where they missed a change, never set back."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

import tenancy
from core.ids import new_id
from media.edge.registry import media_edge
from media.models import EdgeBinding, Namespace, SigningKey
from media.services import hosts


@pytest.fixture
def organization(acme: tenancy.TenantRecord) -> Iterator[UUID]:
    """One whose media are set up, and of which tenants know nothing."""
    compare()  # whatever other tests of this run left to others
    made = new_id()
    media_edge().ensure_tenant(made, ["a.lms.example"])
    yield made
    with tenancy.platform():
        for model in (EdgeBinding, SigningKey, Namespace):
            model.objects.filter(organization_id=made).delete()


def served(organization: UUID) -> list[str]:
    with tenancy.platform():
        return list(EdgeBinding.objects.get(organization_id=organization).hosts)


@pytest.fixture
def known(organization: UUID, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What tenants know of it: what was read of all, and what is so by now."""
    found = {"read": ["a.lms.example"], "now": ["a.lms.example"]}
    real = hosts.hosts_of
    with tenancy.platform():
        everybodys = hosts.all_hosts()
    monkeypatch.setattr(hosts, "all_hosts", lambda: {**everybodys, organization: found["read"]})
    monkeypatch.setattr(hosts, "hosts_of", lambda one: found["now"] if one == organization else real(one))
    return found


def compare() -> int:
    with tenancy.platform():
        return hosts.compare()


def test_a_copy_that_missed_a_change_is_mended(organization: UUID, known: dict[str, list[str]]) -> None:
    assert compare() == 0
    known["read"] = known["now"] = ["b.lms.example"]
    assert compare() == 1
    assert served(organization) == ["b.lms.example"]
    known["read"] = known["now"] = []
    assert compare() == 1
    assert served(organization) == []


def test_who_came_while_it_was_read_keeps_its_hosts(organization: UUID, known: dict[str, list[str]]) -> None:
    known["read"] = []
    assert compare() == 0
    assert served(organization) == ["a.lms.example"]


def test_a_change_while_it_was_read_is_not_set_back(organization: UUID, known: dict[str, list[str]]) -> None:
    known["now"] = ["c.lms.example"]
    hosts.serve_hosts(organization, known["now"])
    assert compare() == 0
    assert served(organization) == ["c.lms.example"]
