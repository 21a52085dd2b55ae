"""An organization's flood is its own, one person's is not the organization's, and tries cannot be multiplied."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.http import HttpResponse
from django.test import Client

from config import rate_limits
from conftest import Person, World
from core.rates import Rate
from tenancy import TenantRecord
from tests.support.organizations import PASSWORD

ME = "/api/v1/me/"
HOUR = 3600


@pytest.fixture(autouse=True)
def full_buckets(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every test begins with full buckets: addresses and organizations are the same in all of them.

    A Redis that is there is not away because this machine is busy for a tenth of a second.
    """
    monkeypatch.setattr("core.rates.ANSWER_SECONDS", 10.0)
    rate_limits._limiter.cache_clear()
    link = redis.Redis.from_url(settings.REDIS_URL)
    for key in link.scan_iter("*:rate:*"):
        link.delete(key)
    yield
    rate_limits._limiter.cache_clear()


@pytest.fixture
def limits(settings: Any) -> dict[str, Rate | None]:
    """No limit at all; a test sets the one it is about."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS)
    return settings.RATE_LIMITS


def _visit(
    record: TenantRecord, path: str = ME, ip: str = "192.0.2.1", method: str = "get", **more: str
) -> HttpResponse:
    headers = {"host": record.host, "x-real-ip": ip, **more}
    return getattr(Client(headers=headers), method)(path)  # type: ignore[no-any-return]


def _statuses(browser: Client, times: int, path: str = ME) -> list[int]:
    return [browser.get(path).status_code for _ in range(times)]


def test_one_organizations_flood_leaves_the_other_alone(
    limits: dict[str, Rate | None], leo: Person, lea: Person, mallory: Person
) -> None:
    limits["organization"] = Rate(4, HOUR)

    assert _statuses(leo.client(), 6) == [200] * 4 + [429] * 2
    assert _statuses(lea.client(), 1) == [429]
    assert _statuses(mallory.client(), 4) == [200] * 4


def test_one_person_does_not_eat_the_organizations_allowance(
    limits: dict[str, Rate | None], leo: Person, lea: Person
) -> None:
    limits["organization"], limits["person"] = Rate(6, HOUR), Rate(2, HOUR)

    assert _statuses(leo.client(), 20) == [200, 200] + [429] * 18
    assert _statuses(lea.client(), 2) == [200, 200]  # twenty requests of Leo's cost the organization two


def test_visitors_are_counted_by_address(limits: dict[str, Rate | None], acme: TenantRecord, leo: Person) -> None:
    limits["visitor"] = Rate(2, HOUR)

    assert [_visit(acme).status_code for _ in range(3)] == [401, 401, 429]
    assert _visit(acme, ip="192.0.2.2").status_code == 401
    assert _visit(acme, ip="2001:db8::1").status_code == 401
    assert [_visit(acme, ip=f"2001:db8::{n}").status_code for n in (2, 3)] == [401, 429]  # one network, one visitor
    assert _statuses(leo.client(), 4) == [200] * 4  # who has a session is not one of them


def test_an_address_is_counted_over_all_organizations(
    limits: dict[str, Rate | None], acme: TenantRecord, globex: TenantRecord, settings: Any
) -> None:
    limits["address"] = Rate(3, HOUR)

    assert _visit(acme).status_code == 401
    assert _visit(globex).status_code == 401
    assert _visit(acme, "/login").status_code == 200
    assert _visit(globex).status_code == 429
    staff = Client(headers={"host": settings.STAFF_HOST, "x-real-ip": "192.0.2.1"})
    assert staff.get("/api/v1/session/").status_code == 429
    page = _visit(acme, "/login")
    assert (page.status_code, page["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert "Wait" in page.content.decode()
    assert _visit(globex, ip="192.0.2.9").status_code == 401


def test_tries_to_sign_in_cannot_be_multiplied_by_organizations(
    limits: dict[str, Rate | None], acme: TenantRecord, globex: TenantRecord
) -> None:
    limits["sign-in"] = Rate(2, HOUR)
    login = "/_allauth/browser/v1/auth/login"

    tries = [_visit(record, login, method="post") for record in (acme, globex, acme, globex)]

    assert [found.status_code == 429 for found in tries] == [False, False, True, True]
    assert tries[2].json()["limit"] == "sign-in"
    assert _visit(acme, login, method="post", ip="192.0.2.2").status_code != 429
    assert _visit(acme).status_code == 401  # nothing else of the address is stopped by it


def test_a_class_behind_one_address_signs_in_at_once(acme: TenantRecord, leo: Person) -> None:
    login = "/_allauth/browser/v1/auth/login"
    tries = [
        Client(headers={"host": acme.host, "x-real-ip": "192.0.2.7"}).post(
            login, {"email": leo.email, "password": PASSWORD}, content_type="application/json"
        )
        for _ in range(40)
    ]
    assert {found.status_code for found in tries} == {200}


@pytest.mark.parametrize("ip", ["127.0.0.1", "::1", ""])
def test_addresses_of_our_own_say_nothing_about_who_asks(
    limits: dict[str, Rate | None], acme: TenantRecord, ip: str
) -> None:
    limits |= {"address": Rate(1, HOUR), "visitor": Rate(1, HOUR), "sign-in": Rate(1, HOUR)}
    assert [_visit(acme, ip=ip).status_code for _ in range(3)] == [401] * 3


def test_answers_say_how_the_tightest_limit_stands(limits: dict[str, Rate | None], leo: Person) -> None:
    limits["organization"], limits["person"] = Rate(100, 50), Rate(2, HOUR)
    browser = leo.client()

    first = browser.get(ME)
    assert first["RateLimit-Policy"] == f'"organization";q=100;w=50, "person";q=2;w={HOUR}'
    assert re.fullmatch(r'"person";r=1;t=(1800|1799)', first["RateLimit"])

    browser.get(ME)
    refused = browser.get(ME)
    assert refused.status_code == 429
    assert refused["Content-Type"] == "application/problem+json"
    wait = int(refused["Retry-After"])
    assert 1795 <= wait <= 1800
    assert refused["RateLimit"] == f'"person";r=0;t={wait}'
    problem = refused.json()
    assert (problem["code"], problem["limit"], problem["retry_after_seconds"]) == ("rate_limited", "person", wait)
    assert problem["detail"] == (
        f"That was more than one person needs in so short a time. Wait {wait} seconds, then try again."
    )
    assert "X-Request-ID" in refused
    assert refused["Cache-Control"] == "no-store"


def test_a_refused_write_has_done_nothing(limits: dict[str, Rate | None], olga: Person, world: World) -> None:
    limits["person"] = Rate(1, HOUR)
    browser = olga.client()
    assert browser.get(ME).status_code == 200
    body = {"invitations": [{"email": "new@acme.example", "role": "learner"}]}
    answer = browser.post("/api/v1/invitation-batches/", body, content_type="application/json")
    assert answer.status_code == 429
    limits["person"] = None
    assert "new@acme.example" not in browser.get("/api/v1/invitations/").content.decode()


def test_no_limit_asks_no_redis_and_tells_nothing(limits: dict[str, Rate | None], leo: Person) -> None:
    answer = leo.client().get(ME)
    assert answer.status_code == 200
    assert "RateLimit" not in answer
    assert "RateLimit-Policy" not in answer


def test_no_address_and_no_token_stands_in_a_key(limits: dict[str, Rate | None], leo: Person, settings: Any) -> None:
    limits |= dict.fromkeys(limits, Rate(100, HOUR))
    browser = leo.client()
    browser.get(ME, headers={"x-real-ip": "192.0.2.77"})

    keys = [key.decode() for key in redis.Redis.from_url(settings.REDIS_URL).scan_iter("*:rate:*")]
    token = browser.cookies[settings.SESSION_COOKIE_NAME].value

    assert {key.split(":rate:")[0] for key in keys} == {"g", f"t:{leo.organization.id}"}
    assert not [key for key in keys if "192.0.2.77" in key or token in key]


def test_with_redis_dead_members_are_served_and_limited(
    limits: dict[str, Rate | None], leo: Person, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    limits["person"] = Rate(5, HOUR)
    browser = leo.client()

    began = time.monotonic()
    assert _statuses(browser, 7) == [200] * 5 + [429] * 2
    assert time.monotonic() - began < 30  # not the default of the client for each of them
