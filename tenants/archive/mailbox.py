"""The embedded mailbox, which keeps what it is sent. Elsewhere mail has left us, and there is none to look for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from django.conf import settings

from core.errors import Unavailable

_SECONDS = 20


def about(hosts: Iterable[str], organization_id: str, words: Iterable[str]) -> list[dict[str, Any]]:
    """Return what tells an organization's mails: its hosts or id anywhere in them, or one of its people with its name.

    An address alone does not: the same person may be in another organization, whose mails are theirs. Nor does a name
    in a mail that leads to an organization's host: that host decides.
    """
    found: list[dict[str, Any]] = [{"words": word} for word in (*hosts, organization_id)]
    people = [word for word in words if "@" in word]
    names = [word for word in words if "@" not in word] if people else []
    return found + [{"words": name, "to": people, "without": f".{settings.TENANT_SUFFIX}"} for name in names]


def count(criteria: list[dict[str, Any]]) -> int | None:
    """Return how many mails fit any of ``criteria``; None where no mailbox is kept."""
    return _ask("searches", criteria, "found")


def remove(criteria: list[dict[str, Any]]) -> int | None:
    """Delete them; return how many. None where no mailbox is kept."""
    return _ask("removals", criteria, "removed")


def _ask(what: str, criteria: list[dict[str, Any]], answer: str) -> int | None:
    if not settings.MAILBOX_URL:
        return None
    request = Request(  # noqa: S310 - the address is our own setting
        f"{settings.MAILBOX_URL}/api/{what}/",
        data=json.dumps({"criteria": criteria}).encode(),
        headers={"Content-Type": "application/json"},
        method="POST",
    )
    try:
        with urlopen(request, timeout=_SECONDS) as response:  # noqa: S310
            return int(json.load(response)[answer])
    except (URLError, OSError) as error:
        raise Unavailable("The mailbox does not answer.") from error
