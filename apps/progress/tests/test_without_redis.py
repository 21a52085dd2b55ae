"""Redis is away: whoever is learning goes on learning."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from apps.progress.tests.conftest import Learning
from core import caching
from core.rates import Rate

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    """Nothing answers where Redis was; limits are those of production."""
    caches = copy.deepcopy(settings.CACHES)
    caches["default"]["LOCATION"] = NOWHERE
    settings.CACHES, settings.REDIS_URL = caches, NOWHERE
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "organization": Rate(3000, 30), "person": Rate(300, 30)}
    yield
    caching.away._until = 0.0
    LocMemCache("without-redis", {}).clear()


def test_lessons_open_and_what_was_watched_is_kept(learning: Learning, no_redis: None) -> None:
    assert learning.browser.get("/api/v1/me/").status_code == 200
    assert learning.browser.get("/api/v1/enrollments/").status_code == 200
    assert learning.lesson(learning.text).status_code == 200
    learning.play((0.0, 100.0))
    assert learning.complete(learning.manual).status_code == 200
    assert learning.line(learning.video)["state"] == "completed"
    answer = learning.browser.get("/api/v1/me/")
    assert answer["RateLimit"].startswith('"person";r=29')  # and the process counts for itself


def _sign_in(learning: Learning, password: str) -> Any:
    browser = Client(headers={"host": learning.person.organization.host}, raise_request_exception=False)
    body = {"email": learning.person.email, "password": password}
    answer = browser.post("/_allauth/browser/v1/auth/login", body, content_type="application/json")
    return answer, browser


def test_whoever_knows_the_password_signs_in(
    learning: Learning, no_redis: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caching, "PAUSE_SECONDS", 600.0)  # it is not over before this looks
    answer, browser = _sign_in(learning, learning.person.password)

    assert answer.status_code == 200, answer.content
    assert browser.get("/api/v1/me/").status_code == 200
    # Redis was asked once and not again at each count: a machine that hangs costs half a second, not ten.
    assert not caching.away.may_ask()


def test_whoever_guesses_is_counted_by_the_process(learning: Learning, no_redis: None) -> None:
    for _ in range(12):
        assert _sign_in(learning, "not the password")[0].status_code == 400

    answer, browser = _sign_in(learning, learning.person.password)  # guessed at last: the account is left alone

    assert answer.json()["errors"][0]["code"] == "too_many_login_attempts"
    assert browser.get("/api/v1/me/").status_code == 401


def test_what_nobody_may_guess_uncounted_is_refused(learning: Learning, no_redis: None) -> None:
    """A link for a new password is asked for when it can be counted: a refusal in words, not a broken page."""
    browser = Client(headers={"host": learning.person.organization.host}, raise_request_exception=False)
    body = {"email": learning.person.email}
    answer = browser.post("/_allauth/browser/v1/auth/password/request", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "2")
