"""Browsers that sign in through the real endpoints, and an authenticator app to type codes from."""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.http import HttpResponse
from django.test import Client

from core.clock import now

ALLAUTH = "/_allauth/browser/v1"
AUTH = f"{ALLAUTH}/auth"
FACTORS = f"{ALLAUTH}/account/authenticators"


def browser(organization: Any, **headers: str) -> Client:
    """Return a browser on the organization's host."""
    return Client(headers={"host": organization.host, **headers})


def send(client: Client, method: str, path: str, body: Any = None) -> HttpResponse:
    """Send JSON."""
    kinds = {"data": body, "content_type": "application/json"} if body is not None else {}
    answer: HttpResponse = getattr(client, method.lower())(path, **kinds)
    return answer


def login(client: Client, person: Any, password: str | None = None) -> HttpResponse:
    """Give e-mail and password."""
    return send(client, "POST", f"{AUTH}/login", {"email": person.email, "password": password or person.password})


def signed_in(person: Any) -> Client:
    """Return a browser in which the person gave their password just now."""
    client = browser(person.organization)
    answer = login(client, person)
    assert answer.status_code == 200, answer.content
    return client


def code_of(secret: str, steps: int = 0) -> str:
    """Return what an authenticator app shows now, or ``steps`` half minutes later."""
    return format_hotp_value(hotp_value(secret, int(now().timestamp()) // 30 + steps))


def enrol_app(client: Client) -> str:
    """Set up an authenticator app; return its seed."""
    begun = client.get(f"{FACTORS}/totp")
    assert begun.status_code == 404, begun.content
    secret: str = begun.json()["meta"]["secret"]
    done = send(client, "POST", f"{FACTORS}/totp", {"code": code_of(secret)})
    assert done.status_code == 200, done.content
    return secret


def recovery_codes(client: Client) -> list[str]:
    """Return the recovery codes: they are shown once."""
    found: list[str] = client.get(f"{FACTORS}/recovery-codes").json()["data"].get("unused_codes", [])
    return found


def give_code(client: Client, code: str) -> HttpResponse:
    """The second step of signing in."""
    return send(client, "POST", f"{AUTH}/2fa/authenticate", {"code": code})


def is_in(client: Client) -> bool:
    """Whether the browser is signed in."""
    return client.get("/api/v1/me/").status_code == 200
