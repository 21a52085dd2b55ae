"""Redis is away: whoever is learning goes on learning."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.progress.tests.conftest import Learning
from core.rates import Rate

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def no_redis(settings: Any) -> Iterator[None]:
    """Nothing answers where Redis was; limits are those of production."""
    caches = copy.deepcopy(settings.CACHES)
    caches["default"]["LOCATION"] = NOWHERE
    settings.CACHES, settings.REDIS_URL = caches, NOWHERE
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "organization": Rate(3000, 30), "person": Rate(300, 30)}
    return


def test_lessons_open_and_what_was_watched_is_kept(learning: Learning, no_redis: None) -> None:
    assert learning.browser.get("/api/v1/me/").status_code == 200
    assert learning.browser.get("/api/v1/enrollments/").status_code == 200
    assert learning.lesson(learning.text).status_code == 200
    learning.play((0.0, 100.0))
    assert learning.complete(learning.manual).status_code == 200
    assert learning.line(learning.video)["state"] == "completed"
    answer = learning.browser.get("/api/v1/me/")
    assert answer["RateLimit"].startswith('"person";r=29')  # and the process counts for itself


def test_whoever_would_sign_in_is_asked_to_come_back(learning: Learning, no_redis: None) -> None:
    """Without a count of wrong passwords nobody may try one: a refusal in words, not a broken page."""
    browser = Client(headers={"host": learning.person.organization.host}, raise_request_exception=False)
    body = {"email": learning.person.email, "password": learning.person.password}
    answer = browser.post("/_allauth/browser/v1/auth/login", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "2")
