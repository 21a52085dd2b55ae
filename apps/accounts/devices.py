"""Browsers as people know them, and which of them a member has signed in on before.

What a browser knows of its members stands in its own signed cookie: a list of devices on the server would be one more
thing to steal, and clearing the browser means that a mail comes once more.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.accounts import letters
from apps.accounts.models import Member
from core.clock import now
from core.http.client import client_ip
from tenancy import signing

COOKIE = "__Host-device"
COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep one
MEMBERS_KEPT = 12
# Who joined just now, by invitation or sign-up, needs no warning of their own first session.
FRESH = timedelta(hours=1)

_PURPOSE = "device"

_BROWSERS = (
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("ChromeOS", r"CrOS"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("Linux", r"Linux|X11"),
)


@dataclass(frozen=True, slots=True)
class Device:
    """What a browser says of itself. "" where it says nothing that we know."""

    browser: str
    system: str

    @property
    def words(self) -> str:
        """As a person would say it."""
        if self.browser and self.system:
            return f"{self.browser} on {self.system}"
        return self.browser or self.system or "An unknown browser"


def device_of(user_agent: str) -> Device:
    """Return the browser and system that a ``User-Agent`` names."""
    return Device(browser=_first(_BROWSERS, user_agent), system=_first(_SYSTEMS, user_agent))


def _first(names: tuple[tuple[str, str], ...], text: str) -> str:
    return next((name for name, pattern in names if re.search(pattern, text)), "")


def signed_in(sender: Any, request: HttpRequest, user: Member, **_: Any) -> None:
    """Write to the member where this browser has not seen them before; let it remember them."""
    if not request.META.get("REMOTE_ADDR"):  # no browser: a session made by a program
        return
    known = _known(request)
    mark = _mark(user)
    if mark not in known and user.email and user.created_at < now() - FRESH:
        device = device_of(request.headers.get("User-Agent", ""))
        letters.send_new_device(user, device=device.words, ip=client_ip(request))
    kept = [mark, *(other for other in known if other != mark)][:MEMBERS_KEPT]
    request._device = signing.dumps(kept, purpose=_PURPOSE)  # type: ignore[attr-defined]


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Give the browser what :func:`signed_in` left for it."""
    value = getattr(request, "_device", None)
    if value is not None:
        response.set_cookie(COOKIE, value, max_age=COOKIE_SECONDS, secure=True, httponly=True, samesite="Lax")


def _known(request: HttpRequest) -> list[str]:
    try:
        found = signing.loads(request.COOKIES.get(COOKIE, ""), purpose=_PURPOSE, max_age_seconds=COOKIE_SECONDS)
    except signing.BadToken:
        return []
    return [str(mark) for mark in found] if isinstance(found, list) else []


def _mark(member: Member) -> str:
    return hashlib.sha256(b"device|" + member.pk.bytes).hexdigest()[:24]
