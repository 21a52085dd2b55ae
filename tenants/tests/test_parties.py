"""Who is listed as somebody's: every host that leads, or is about to lead, to an organization that lives."""

from __future__ import annotations

from typing import Any

import pytest

import tenancy
from tenants.catalog import load_parties
from tenants.models import Domain, Organization

HOST = "learn.acme.example.com"
ALL = 50_000


@pytest.mark.parametrize(
    ("state", "is_listed"),
    [
        ("pending", False),
        ("verified", True),
        ("active", True),
        ("redirecting", True),
        ("disabled", False),
        ("released", False),
    ],
)
def test_a_host_is_listed_from_its_proof_on(db: None, world: Any, state: str, is_listed: bool) -> None:
    acme = world.organizations["acme"].id
    with tenancy.platform():
        Domain.objects.create(organization_id=acme, host=HOST, kind="custom", state=state, txt_token="x")
    listed = load_parties(ALL)
    assert listed.get(HOST) == (acme if is_listed else None)
    assert listed["acme.lms.localhost"] == acme


@pytest.mark.parametrize(("state", "is_listed"), [("suspended", True), ("read_only", True), ("deleted", False)])
def test_who_lives_is_listed(db: None, world: Any, state: str, is_listed: bool) -> None:
    with tenancy.platform():
        Organization.objects.filter(id=world.organizations["acme"].id).update(state=state)
    assert ("acme.lms.localhost" in load_parties(ALL)) is is_listed


def test_of_too_many_the_oldest_are_listed(db: None, world: Any) -> None:
    everybody = list(load_parties(ALL))
    assert len(everybody) >= 2
    assert list(load_parties(1)) == everybody[:1]
