"""The address: renamed, redirected for a year, quarantined for good."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from core.clock import now
from tenancy import TenantRecord, catalog
from tenants import pending, sign_up
from tenants.catalog import load, load_host
from tenants.domains import address
from tenants.domains.errors import TooManyRenames
from tenants.errors import SlugUnavailable
from tenants.models import Domain

SUFFIX = "lms.localhost"


@pytest.fixture
def acme(world: Any, platform: None) -> TenantRecord:
    catalog.forget_all()
    yield world.organizations["acme"]
    catalog.forget_all()


@pytest.fixture
def globex(world: Any) -> TenantRecord:
    return world.organizations["globex"]


def test_the_preview_says_what_would_happen_and_does_nothing(acme: TenantRecord) -> None:
    seen = address.preview(acme.id, " Acme-Academy ")
    assert (seen.available, seen.slug, seen.host) == (True, "acme-academy", f"acme-academy.{SUFFIX}")
    assert [effect.code for effect in seen.effects] == [
        "new_address", "sign_in", "redirect", "quarantine", "integrations",
    ]  # fmt: skip
    assert load(acme.id).host == acme.host
    assert not pending.is_held("acme-academy")


@pytest.mark.parametrize(
    ("slug", "reason"),
    [
        ("globex", "taken"),
        ("g1obex", "lookalike"),
        ("gl0bex", "lookalike"),
        ("acme", "taken"),
        ("admin", "reserved"),
        ("adm1n", "lookalike"),
        ("domains", "reserved"),
        ("a", "too_short"),
        ("x" * 41, "too_long"),
        ("xn--acme", "idn"),
        ("аcme", "idn"),
        ("a--b", "format"),
        ("__class__", "format"),
    ],
)
def test_what_cannot_be_had_says_why(acme: TenantRecord, slug: str, reason: str) -> None:
    seen = address.preview(acme.id, slug)
    assert (seen.available, seen.reason, seen.effects) == (False, reason, ())
    if slug != "acme":
        with pytest.raises(SlugUnavailable):
            address.rename(acme.id, slug)


def test_an_address_near_ones_own_may_be_had(acme: TenantRecord) -> None:
    assert address.preview(acme.id, "acrne").available, "it looks like nobody's but our own"


def test_the_old_address_leads_to_the_new_one_and_programs_are_told(acme: TenantRecord) -> None:
    new = address.rename(acme.id, "acme-academy")
    catalog.forget_all()
    assert new.is_primary
    assert load(acme.id).host == f"acme-academy.{SUFFIX}"
    browser = Client(headers={"host": acme.host})

    for method in ("get", "head"):
        answer = getattr(browser, method)("/courses/7?x=1&y=%20")
        assert answer.status_code == 308
        assert answer.headers["Location"].endswith(f"//{_netloc(new.host)}/courses/7?x=1&y=%20")
        assert answer.headers["Cache-Control"] == "no-store"
    for method, path in (("get", "/api/v1/me/"), ("post", "/api/v1/uploads/"), ("post", "/courses"), ("put", "/x")):
        answer = getattr(browser, method)(path)
        assert answer.status_code == 421
        assert answer.json()["code"] == "host_moved"
        assert answer.json()["host"] == new.host
        assert answer.json()["url"].endswith(f"//{_netloc(new.host)}{path}")


def _netloc(host: str) -> str:
    from tenancy.hosts import public_netloc

    return public_netloc(host)


def test_after_a_year_the_old_address_leads_nowhere_and_is_nobodys(acme: TenantRecord, globex: TenantRecord) -> None:
    address.rename(acme.id, "acme-academy")
    assert address.end_redirects() == 0
    with time_machine.travel(now() + timedelta(days=366)):
        assert address.end_redirects() == 1
    assert load_host(acme.host) is None
    assert Domain.objects.get(host=acme.host).state == Domain.State.QUARANTINED

    assert sign_up.availability("acme").reason == "taken"
    assert sign_up.availability("acrne").reason == "lookalike"
    with pytest.raises(SlugUnavailable):
        address.rename(globex.id, "acme")
    assert address.rename(acme.id, "acme").host == acme.host, "the organization itself may take it back"
    entry = load_host(f"acme-academy.{SUFFIX}")
    assert entry is not None
    assert entry.redirect_to == acme.host


def test_going_back_and_forth_makes_no_circle(acme: TenantRecord) -> None:
    address.rename(acme.id, "acme-academy")
    address.rename(acme.id, "acme")
    entry = load_host(acme.host)
    assert entry is not None
    assert entry.redirect_to is None
    assert Domain.objects.filter(organization_id=acme.id, is_primary=True).count() == 1


def test_asking_for_what_one_has_changes_nothing(acme: TenantRecord) -> None:
    before = list(Domain.objects.filter(organization_id=acme.id).values())
    assert address.rename(acme.id, "ACME").host == acme.host
    assert list(Domain.objects.filter(organization_id=acme.id).values()) == before


def test_renames_are_limited(acme: TenantRecord) -> None:
    for slug in ("acme-one", "acme-two", "acme-three"):
        address.rename(acme.id, slug)
    with pytest.raises(TooManyRenames):
        address.rename(acme.id, "acme-four")
    assert load(acme.id).slug == "acme-three"
    with time_machine.travel(now() + timedelta(days=31)):
        address.rename(acme.id, "acme-four")


def test_a_sign_up_under_way_holds_its_address_and_a_rename_too(acme: TenantRecord, globex: TenantRecord) -> None:
    pending.hold_slug("harbour", holder="somebody", seconds=60)
    assert address.preview(acme.id, "harb0ur").reason == "held"
    with pytest.raises(SlugUnavailable):
        address.rename(acme.id, "harbour")
    pending.let_go_of_slug("harbour", holder="somebody")
    address.rename(acme.id, "harbour")
    assert not pending.is_held("harbour")


def test_a_custom_primary_domain_stays_primary(acme: TenantRecord) -> None:
    Domain.objects.filter(host=acme.host).update(is_primary=False)
    Domain.objects.create(
        organization_id=acme.id, host="learn.acme.example.com", kind="custom", state="active", is_primary=True
    )
    assert [effect.code for effect in address.preview(acme.id, "acme-academy").effects][1] == "primary_stays"
    assert not address.rename(acme.id, "acme-academy").is_primary
    record = load(acme.id)
    assert (record.host, record.slug) == ("learn.acme.example.com", "acme-academy")


def test_the_cookies_of_the_old_host_are_no_others(acme: TenantRecord, settings: Any) -> None:
    for name, domain in (
        (settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_DOMAIN),
        (settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_DOMAIN),
    ):
        # What browsers hold to: such a cookie is sent to the one host that set it.
        assert name.startswith("__Host-")
        assert domain is None
    address.rename(acme.id, "acme-academy")
    catalog.forget_all()
    assert Client(headers={"host": f"acme-academy.{SUFFIX}"}).get("/api/v1/me/").status_code == 401
