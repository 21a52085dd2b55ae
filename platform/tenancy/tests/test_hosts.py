"""Host names: one spelling, one answer. No header but Host decides, and an unknown host is nobody's."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client

import tenancy
from tenancy import TenantRecord, catalog
from tenancy.hosts import BadHost, canonical

SAME = [
    "acme.lms.localhost",
    "ACME.lms.localhost",
    "Acme.LMS.LocalHost",
    "acme.lms.localhost.",
    "ACME.LMS.LOCALHOST.",
    "acme.lms.localhost:8000",
    "acme.lms.localhost:80",
    "acme.lms.localhost:65535",
    "acme.lms.localhost.:8000",
    " acme.lms.localhost ",
]
REFUSED = [
    "",
    " ",
    ".",
    "..",
    "acme..lms.localhost",
    ".acme.lms.localhost",
    "acme.lms.localhost..",
    "acme.lms.localhost:",
    "acme.lms.localhost:http",
    "acme.lms.localhost:80:80",
    "acme.lms.localhost,globex.lms.localhost",
    "acme.lms.localhost, globex.lms.localhost",
    "acme.lms.localhost/x",
    "acme.lms.localhost\\x",
    "user@acme.lms.localhost",
    "acme.lms.localhost globex.lms.localhost",
    "acme.lms.local\x00host",
    "-acme.lms.localhost",
    "acme-.lms.localhost",
    "ac*me.lms.localhost",
    "ac%6de.lms.localhost",
    "[::1]",
    "[::1]:8000",
    "127.0.0.1",
    "127.1",
    f"{'a' * 64}.lms.localhost",
    ".".join(["a" * 60] * 5),
]


@pytest.mark.parametrize("raw", SAME)
def test_every_spelling_of_a_host_is_one_host(raw: str) -> None:
    assert canonical(raw) == "acme.lms.localhost"


@pytest.mark.parametrize("raw", REFUSED)
def test_what_is_no_host_name_is_refused(raw: str) -> None:
    with pytest.raises(BadHost):
        canonical(raw)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("ａｃｍｅ.lms.localhost", "acme.lms.localhost"),  # full-width letters are the same letters
        ("аcme.lms.localhost", "xn--cme-5cd.lms.localhost"),  # the first letter is Cyrillic: another host
    ],
)
def test_letters_beyond_ascii_become_a_labels(raw: str, expected: str) -> None:
    assert canonical(raw) == expected


@pytest.fixture
def ask(db: None, world: Any) -> Any:
    """Ask an organization's host for something that says which one answered."""
    catalog.forget_all()
    browser = Client(raise_request_exception=False)

    def send(host: str, **headers: str) -> Any:
        browser.cookies.clear()
        return browser.get("/api/v1/brand/", headers={"host": host, **headers})

    yield send
    catalog.forget_all()


@pytest.mark.parametrize("raw", [host for host in SAME if host.strip() == host])
def test_every_spelling_reaches_the_same_organization(ask: Any, raw: str) -> None:
    assert ask(raw).status_code == ask("acme.lms.localhost").status_code != 404


@pytest.mark.parametrize("raw", REFUSED)
def test_what_is_no_host_name_reaches_nobody(ask: Any, raw: str) -> None:
    assert ask(raw).status_code == 404


@pytest.mark.parametrize(
    "raw",
    [
        "nobody.lms.localhost",
        "acme.lms.localhost.evil.example",
        "evil-acme.lms.localhost",
        "acme.evil.example",
        "localhost",
        "www.acme.lms.localhost",
        "xn--cme-5cd.lms.localhost",
        "t_abc.lms.localhost",
        "public.lms.localhost",
    ],
)
def test_an_unknown_host_is_nobodys(ask: Any, raw: str) -> None:
    answer = ask(raw)
    assert answer.status_code == 404
    assert "acme" not in answer.content.decode().lower()
    assert "globex" not in answer.content.decode().lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-host": "globex.lms.localhost"},
        {"forwarded": "host=globex.lms.localhost"},
        {"x-original-host": "globex.lms.localhost"},
        {"x-host": "globex.lms.localhost"},
        {"x-tenant": "globex"},
        {"x-forwarded-server": "globex.lms.localhost"},
        {"x-rewrite-url": "http://globex.lms.localhost/"},
    ],
)
def test_no_other_header_chooses_the_organization(ask: Any, headers: dict[str, str]) -> None:
    nobody = ask("nobody.lms.localhost", **headers)
    assert nobody.status_code == 404
    with_header, without = ask("acme.lms.localhost", **headers), ask("acme.lms.localhost")
    assert (with_header.status_code, with_header.content) == (without.status_code, without.content)


def test_the_surface_is_the_hosts(world: Any, db: None) -> None:
    assert Client().get("/api/v1/terms/", headers={"host": settings.SITE_HOST}).status_code == 200
    assert Client().get("/api/v1/terms/", headers={"host": "acme.lms.localhost"}).status_code == 404
    assert Client().get("/api/v1/terms/", headers={"host": settings.STAFF_HOST}).status_code == 404


def test_a_suspended_organization_is_a_page_of_its_own(db: None, world: Any, acme: TenantRecord) -> None:
    Organization = apps.get_model("tenants", "Organization")
    with tenancy.platform():
        Organization.objects.filter(id=acme.id).update(state="suspended")
    catalog.forget_all()
    try:
        api = Client().get("/api/v1/brand/", headers={"host": acme.host})
        assert (api.status_code, api.json()["code"]) == (403, "organization_inactive")
        page = Client().get("/", headers={"host": acme.host})
        assert page.status_code == 403
        assert acme.name in page.content.decode()
    finally:
        catalog.forget_all()


def test_a_moved_host_leads_reads_on_and_refuses_writes(db: None, acme: TenantRecord) -> None:
    Domain = apps.get_model("tenants", "Domain")
    with tenancy.platform():
        Domain.objects.create(organization_id=acme.id, host="old-acme.lms.localhost", state="redirecting")
    catalog.forget_all()
    try:
        read = Client().get("/learn?x=1", headers={"host": "old-acme.lms.localhost"})
        assert read.status_code == 308
        assert read["Location"].endswith(f"//{acme.host}:{settings.PUBLIC_PORT}/learn?x=1")
        assert Client().post("/api/v1/brand/", headers={"host": "old-acme.lms.localhost"}).status_code == 421
    finally:
        catalog.forget_all()
