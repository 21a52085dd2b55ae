"""The sign-in endpoints beside the API: those that we serve and no others, and what a session is worth there.

They come from a library and answer in its own form, so the walk over the API does not meet them. Here they are met:
with A's session, cookie and token on B's host, half signed in, and by nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import tenancy
from apps.accounts.factors.adapter import seal_for
from apps.accounts.models import Member

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# What anybody may ask. Nothing sensible is sent, so it is refused (400), or not served that way (405).
OPEN_TO_ALL = {"auth/login", "auth/password/request", "auth/password/reset", "auth/webauthn/login"}
# What stands open between the first step and the second.
OF_THE_SECOND_STEP = {"auth/2fa/authenticate", "auth/webauthn/authenticate"}

SERVED = {
    "account/authenticators",
    "account/authenticators/recovery-codes",
    "account/authenticators/totp",
    "account/authenticators/webauthn",
    "account/password/change",
    "auth/2fa/authenticate",
    "auth/2fa/reauthenticate",
    "auth/login",
    "auth/password/request",
    "auth/password/reset",
    "auth/reauthenticate",
    "auth/session",
    "auth/webauthn/authenticate",
    "auth/webauthn/login",
    "auth/webauthn/reauthenticate",
}
PREFIX = "_allauth/browser/v1/"


def endpoints() -> list[str]:
    """Return every path below ``/_allauth/`` of an organization's host."""

    def walk(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
        for pattern in patterns:
            here = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, here)
            else:
                yield here

    return [path for path in walk(get_resolver("config.urls.tenant").url_patterns, "") if path.startswith("_allauth/")]


@pytest.fixture(autouse=True)
def no_limits_left_over(db: None) -> None:
    """Limits count in the cache, which no rollback empties."""
    with tenancy.platform():
        cache.clear()


def ask(client: Client, method: str, path: str) -> tuple[int, str]:
    with tenancy.platform():
        cache.clear()
    body = {} if method == "GET" else {"data": "{}", "content_type": "application/json"}
    answer = getattr(client, method.lower())(f"/{PREFIX}{path}", **body)
    return answer.status_code, answer.content.decode()


def test_exactly_these_are_served() -> None:
    assert {path.removeprefix(PREFIX) for path in endpoints()} == SERVED


@pytest.fixture
def protected(acme, leo):
    """Leo, with a seed that only his row opens."""
    Authenticator.objects.create(
        user_id=leo.id, type="totp", data={"secret": seal_for(leo.id, "JBSWY3DPEHPK3PXP"), "last_step": -1}
    )
    return leo


@pytest.fixture
def marks(acme, leo):
    """What must never be seen by anybody else."""
    return (str(leo.id), leo.email, leo.name, acme.schema_name, str(acme.id))


@pytest.mark.parametrize("path", sorted(SERVED))
def test_a_session_of_one_organization_is_worth_nothing_on_anothers_host(acme, globex, protected, marks, path) -> None:
    ours = protected.client()
    key = ours.cookies["__Host-session"].value
    with tenancy.bind(globex):
        rows_before = Member.objects.count(), Authenticator.objects.count()
    for method in METHODS:
        nobody = ask(Client(headers={"host": globex.host}), method, path)
        with_cookie = Client(headers={"host": globex.host})
        with_cookie.cookies["__Host-session"] = key
        plain_cookie = Client(headers={"host": globex.host})
        plain_cookie.cookies["sessionid"] = key
        with_token = Client(headers={"host": globex.host, "x-session-token": key, "authorization": f"Bearer {key}"})
        for stranger in (with_cookie, plain_cookie, with_token):
            status, text = ask(stranger, method, path)
            assert status == nobody[0], (method, path, status, nobody[0])
            assert not [mark for mark in marks if mark in text], (method, path)
    with tenancy.bind(globex):
        assert (Member.objects.count(), Authenticator.objects.count()) == rows_before


@pytest.mark.parametrize("path", sorted(SERVED))
def test_nobody_is_told_to_sign_in(acme, protected, marks, path) -> None:
    for method in METHODS:
        status, text = ask(Client(headers={"host": acme.host}), method, path)
        assert not [mark for mark in marks if mark in text], (method, path)
        assert status in ((200, 400, 405) if path in OPEN_TO_ALL else (401, 405)), (method, path, status)


@pytest.mark.parametrize("path", sorted(SERVED))
def test_between_the_steps_only_the_second_step_is_open(acme, protected, path) -> None:
    client = Client(headers={"host": acme.host})
    body = {"email": protected.email, "password": protected.password}
    assert client.post(f"/{PREFIX}auth/login", body, "application/json").status_code == 401
    for method in METHODS:
        status, _ = ask(client, method, path)
        is_open = path in OPEN_TO_ALL | OF_THE_SECOND_STEP
        assert status in ((200, 400, 405) if is_open else (401, 405)), (method, path, status)
        assert client.get("/api/v1/me/").status_code == 401


@pytest.mark.parametrize("path", sorted(SERVED))
def test_a_page_of_another_host_writes_nothing(acme, globex, protected, path) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        client = protected.client()
        answer = getattr(client, method.lower())(
            f"/{PREFIX}{path}",
            data="{}",
            content_type="application/json",
            headers={"origin": f"http://{globex.host}"},
        )
        assert answer.status_code == 403, (method, path)
        assert answer.json()["code"] == "cross_origin"
