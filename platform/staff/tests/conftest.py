"""Staff for these tests: browsers on the staff host, and an account that was set up through the real steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

import tenancy
from core.clock import now
from staff.accounts import people, sessions
from staff.models import StaffAccount

PASSWORD = "quiet-lantern-above-9-rivers"


@pytest.fixture(autouse=True)
def fresh_limits(world: object) -> None:
    """Nobody has guessed yet."""
    with tenancy.platform():
        cache.clear()


@dataclass
class Sam:
    """Sam, of operations: a password, an authenticator app, recovery codes."""

    account: StaffAccount
    seed: str
    recovery_codes: list[str]

    def code(self) -> str:
        return pyotp.TOTP(self.seed).at(now())


def visitor() -> Client:
    """A browser on the staff host that has shown nothing yet."""
    return Client(headers={"host": settings.STAFF_HOST})


def send(browser: Client, method: str, path: str, body: Any = None) -> Any:
    return browser.generic(method, f"/api/v1/{path}", _json(body), content_type="application/json")


def _json(body: Any) -> bytes:
    import json

    return b"" if body is None else json.dumps(body).encode()


@pytest.fixture
def clock(db: None) -> Iterator[Any]:
    """A clock that stands until it is moved."""
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


@pytest.fixture
def sam(clock: Any) -> Sam:
    with tenancy.platform():
        account, link = people.create(email="sam@staff.example", name="Sam Ops", roles=["operations"])
    browser, token = visitor(), link.rsplit("/", 1)[1]
    assert send(browser, "POST", f"set-up-links/{token}/", {"password": PASSWORD}).json()["state"] == "enrolment"
    seed = send(browser, "POST", "factors/totp/").json()["secret"]
    done = send(browser, "POST", "factors/totp/confirmation/", {"code": pyotp.TOTP(seed).at(now())})
    assert done.status_code == 200, done.content
    clock.shift(timedelta(seconds=60))
    with tenancy.platform():
        account.refresh_from_db()
        sessions.end_all(account.id)
    return Sam(account, seed, done.json()["recovery_codes"])
