"""In whose line a request stands."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from config.fair_worker import STRANGERS, party_of
from tenancy import catalog, hosts
from tenancy.parties import Parties

ACME = uuid4()


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    found = Parties()
    found.meet("acme.lms.localhost", ACME)
    monkeypatch.setattr(catalog, "parties", found)


def _asks(host: str, target: str = "/") -> Any:
    path, _, query = target.partition("?")
    return party_of(SimpleNamespace(path=path, query=query, headers=[("ACCEPT", "*/*"), ("HOST", host)]))


def test_everybody_stands_in_their_own_line() -> None:
    assert _asks("ACME.lms.localhost:8443") == ACME
    assert _asks(settings.SITE_HOST) == settings.SITE_HOST
    assert _asks(settings.STAFF_HOST) == settings.STAFF_HOST
    assert _asks(f"c1.{settings.CONTENT_SUFFIX}") == _asks(f"c2.{settings.CONTENT_SUFFIX}") == settings.CONTENT_SUFFIX


@pytest.mark.parametrize("host", ["", "nobody.lms.localhost", "evil.example", "127.0.0.1:8000", "a b", "[::1]"])
def test_hosts_that_nobody_has_are_one_party(host: str) -> None:
    assert _asks(host) == STRANGERS
    assert _asks(host, "/api/v1/me/?domain=acme.lms.localhost") == STRANGERS


@pytest.mark.parametrize(
    ("query", "party"),
    [
        ("domain=acme.lms.localhost", hosts.TLS_QUESTION),
        ("domain=ACME.lms.localhost.", hosts.TLS_QUESTION),
        ("domain=nobody.lms.localhost", STRANGERS),
        ("domain=acme.lms.localhost&domain=nobody.lms.localhost", STRANGERS),
        ("domain=%00%ff", STRANGERS),
        ("domain=", STRANGERS),
        ("", STRANGERS),
    ],
)
def test_the_front_doors_question_is_ours_where_the_host_is(query: str, party: str) -> None:
    assert _asks("127.0.0.1:8081", f"/tls-ask/?{query}") == party
