"""Several hosts of one organization: where pages go, what is served where, and whose words a host speaks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

import tenancy
from core.clock import now
from tenancy import TenantRecord, catalog
from tenancy.hosts import public_netloc, public_url
from tenants.catalog import load_host
from tenants.models import Domain

OWN = "learn.acme.example.com"


@pytest.fixture
def acme(db: None, world: Any) -> Iterator[TenantRecord]:
    """acme with a domain of its own in use beside its address, which is primary."""
    record = world.organizations["acme"]
    with tenancy.platform():
        Domain.objects.create(organization_id=record.id, host=OWN, kind="custom", state="active", txt_token="t")
    catalog.forget_all()
    yield record
    catalog.forget_all()


def primary(host: str, **changes: Any) -> None:
    with tenancy.platform():
        row = Domain.objects.get(host=host)
        Domain.objects.filter(organization_id=row.organization_id, is_primary=True).update(is_primary=False)
        Domain.objects.filter(id=row.id).update(is_primary=True, **changes)
    catalog.forget_all()


@pytest.mark.parametrize("path", ["/", "/courses/7?x=1", "/studio", "/sign-in?next=/studio", "/hand-over/start/"])
def test_pages_belong_to_the_primary_host(acme: TenantRecord, path: str) -> None:
    for elsewhere, home in ((OWN, acme.host), (acme.host, OWN)):
        primary(home)
        answer = Client().get(path, headers={"host": elsewhere})
        assert answer.status_code == 308
        assert answer.headers["Location"] == public_url(home, path)
        assert answer.headers["Cache-Control"] == "no-store"
        assert Client().get("/livez", headers={"host": elsewhere}).status_code == 200


def test_the_api_is_served_on_every_host_in_use_to_whoever_signed_in_there(acme: TenantRecord, olga: Any) -> None:
    browser = olga.client()  # as everywhere in tests, these cookies go to any host: what decides is the organization
    for host in (OWN, acme.host):
        assert browser.get("/api/v1/me/", headers={"host": host}).status_code == 200
        assert Client().get("/api/v1/me/", headers={"host": host}).status_code == 401


def test_a_write_must_come_from_a_page_of_the_very_host(acme: TenantRecord, olga: Any) -> None:
    browser = olga.client()
    body: dict[str, Any] = {"data": "{}", "content_type": "application/json"}
    for host in (OWN, acme.host):
        for origin in (
            f"http://{public_netloc(acme.host)}",
            f"http://{public_netloc(OWN)}",
            "http://evil.example",
            "null",
        ):
            answer = browser.put("/api/v1/first-run/dismissal/", **body, headers={"host": host, "origin": origin})
            own = origin == f"http://{public_netloc(host)}"
            assert (answer.status_code == 200) is own, (host, origin, answer.content)


def test_while_the_primary_domain_fails_nobody_is_sent_there(acme: TenantRecord) -> None:
    primary(OWN, failing_since=now())
    assert Client().get("/nowhere", headers={"host": acme.host}).status_code != 308
    primary(OWN, failing_since=None)
    assert Client().get("/nowhere", headers={"host": acme.host}).status_code == 308


def test_mails_and_links_name_the_primary_host_and_media_the_one_the_browser_is_on(acme: TenantRecord) -> None:
    primary(OWN)
    entry = load_host(acme.host)
    assert entry is not None
    assert (entry.tenant.host, entry.tenant.here, entry.tenant.slug) == (OWN, acme.host, "acme")


@pytest.mark.parametrize("state", ["pending", "verified", "disabled", "released"])
def test_a_domain_that_is_not_in_use_leads_to_nobody(acme: TenantRecord, state: str) -> None:
    with tenancy.platform():
        Domain.objects.filter(host=OWN).update(state=state)
    catalog.forget_all()
    answer = Client().get("/api/v1/brand/", headers={"host": OWN})
    assert answer.status_code == 404
    assert "acme" not in answer.content.decode().lower()


def test_another_organizations_header_chooses_nothing(acme: TenantRecord, olga: Any, world: Any) -> None:
    globex = world.organizations["globex"]
    browser = olga.client()
    for name in ("x-tenant", "x-forwarded-host", "x-original-host", "forwarded"):
        answer = browser.get("/api/v1/me/", headers={"host": OWN, name: f"host={globex.host}"})
        assert answer.json()["member"]["email"] == olga.email
    assert browser.get("/api/v1/me/", headers={"host": globex.host}).status_code == 401


@given(label=st.from_regex(r"[a-z0-9.\-_:%\[\]]{0,30}", fullmatch=True))
@examples(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_spelling_near_a_host_reaches_it(acme: TenantRecord, label: str) -> None:
    for host in (f"{label}{OWN}", f"{OWN}{label}", f"{label}{acme.host}"):
        answer = Client(raise_request_exception=False).get("/api/v1/brand/", headers={"host": host})
        canonical = host.lower().partition(":")[0].removesuffix(".")
        assert (answer.status_code == 404) is (canonical not in (OWN, acme.host) or _bad_port(host)), host


def _bad_port(host: str) -> bool:
    _, colon, port = host.partition(":")
    return bool(colon) and not port.isdigit()
