"""What the tests of accounts share: the mail that would have gone out, and people who act."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.cache import cache

import tenancy
from apps.accounts.models import Member
from apps.accounts.sessions import principal
from core import mail
from core.actor import Actor
from core.mail import Letterhead


@dataclass(frozen=True)
class Letter:
    """One mail as it was handed over for sending."""

    to: str
    subject: str
    text: str
    html: str
    letterhead: Letterhead

    @property
    def sender_name(self) -> str:
        """In whose name it went out."""
        return self.letterhead.name

    def link(self) -> str:
        """Return the one address in it."""
        return next(word for word in self.text.split() if word.startswith("http"))


@pytest.fixture
def letters(monkeypatch: pytest.MonkeyPatch) -> list[Letter]:
    """Every mail that is sent, in order."""
    sent: list[Letter] = []
    monkeypatch.setattr(mail, "send", lambda **parts: sent.append(Letter(**parts)))
    return sent


@pytest.fixture
def actor(acme: Any) -> Callable[[Any], Actor]:
    """Who a person of the cast is to the services."""

    def of(person: Any) -> Actor:
        return principal(Member.objects.with_roles().get(id=person.id)).actor

    return of


@pytest.fixture(autouse=True)
def no_limits_left_over(request: pytest.FixtureRequest) -> None:
    """Limits count in the cache, which no rollback empties."""
    if "db" in request.fixturenames:
        with tenancy.platform():
            cache.clear()
