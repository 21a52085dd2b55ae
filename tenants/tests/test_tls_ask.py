"""The front door's question about certificates: answered for our hosts, to the front door alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import tenancy
from tenancy import catalog
from tenancy.parties import Parties
from tenants import tls_ask
from tenants.models import Domain, Organization


@pytest.fixture
def ask(db: None, world: Any) -> Any:
    with tenancy.platform():
        cache.clear()

    def send(domain: str, **how: Any) -> int:
        how.setdefault("headers", {"host": "127.0.0.1:8005"})
        return Client().get("/tls-ask/", {"domain": domain}, **how).status_code

    return send


def custom(world: Any, host: str, state: str) -> None:
    with tenancy.platform():
        organization_id = world.organizations["acme"].id
        Domain.objects.create(organization_id=organization_id, host=host, kind="custom", state=state, txt_token="x")


@pytest.mark.parametrize(
    ("state", "status"),
    [("pending", 404), ("verified", 200), ("active", 200), ("disabled", 404), ("released", 404)],
)
def test_a_custom_domain_gets_a_certificate_once_it_is_proved(ask: Any, world: Any, state: str, status: int) -> None:
    custom(world, "learn.acme.example.com", state)
    assert ask("learn.acme.example.com") == status


@pytest.mark.parametrize(
    ("state", "status"), [("active", 200), ("redirecting", 200), ("quarantined", 404), ("pending", 404)]
)
def test_an_address_gets_one_while_it_leads_somewhere(ask: Any, world: Any, state: str, status: int) -> None:
    with tenancy.platform():
        Domain.objects.filter(host="acme.lms.localhost").update(is_primary=False, state=state)
    assert ask("acme.lms.localhost") == status
    assert ask("ACME.lms.localhost.") == status


@pytest.mark.parametrize(
    ("state", "status"), [("suspended", 200), ("read_only", 200), ("deleted", 404), ("failed", 404)]
)
def test_an_organization_that_ended_gets_none(ask: Any, world: Any, state: str, status: int) -> None:
    with tenancy.platform():
        Organization.objects.filter(id=world.organizations["acme"].id).update(state=state)
    assert ask("acme.lms.localhost") == status


@pytest.mark.parametrize("name", ["", "nobody.lms.localhost", "evil.example", "127.0.0.1", "..", "a b", "x" * 300])
def test_other_names_get_none(ask: Any, name: str) -> None:
    assert ask(name) == 404


@pytest.mark.parametrize(
    "how",
    [
        {"headers": {"host": "127.0.0.1", "x-forwarded-for": "192.0.2.1"}},
        {"headers": {"host": "127.0.0.1", "x-real-ip": "127.0.0.1"}},
        {"headers": {"host": "acme.lms.localhost", "via": "1.1 Caddy"}},
        {"headers": {"host": "127.0.0.1"}, "REMOTE_ADDR": "192.0.2.1"},
        {"headers": {"host": "127.0.0.1"}, "REMOTE_ADDR": ""},
    ],
)
def test_only_the_front_door_is_answered(ask: Any, how: dict[str, Any]) -> None:
    assert ask("acme.lms.localhost", **how) == 404


def test_the_question_is_only_read(db: None, world: Any) -> None:
    for method in ("post", "put", "delete"):
        assert getattr(Client(), method)("/tls-ask/?domain=acme.lms.localhost").status_code == 404


def test_answers_are_kept_and_strangers_cannot_make_us_look_up_for_ever(ask: Any, world: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(catalog, "parties", Parties())
    asked: list[str] = []
    monkeypatch.setattr(tls_ask, "is_ours", lambda host: bool(asked.append(host)) or host.startswith("acme"))
    monkeypatch.setattr(tls_ask, "LOOKUPS_A_MINUTE", 5)
    for _ in range(3):
        assert ask("acme.lms.localhost") == 200
        assert ask("nobody.lms.localhost") == 404
    assert asked == ["acme.lms.localhost", "nobody.lms.localhost"]
    answers = [ask(f"n{number}.lms.localhost") for number in range(10)]
    assert 429 in answers
    assert len(asked) <= 10
    assert ask("acme.lms.localhost") == 200, "what is known is still answered"
    assert ask("acme-2.lms.localhost") == 429, "whoever comes from another process was not heard of here"
    catalog.parties.meet("acme-2.lms.localhost", world.organizations["acme"].id)
    assert ask("acme-2.lms.localhost") == 200, "its first certificate does not wait for the invented ones"
