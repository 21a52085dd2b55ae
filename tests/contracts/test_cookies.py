"""Cookies and cross-site writes: what an organization's host gives a browser stays on that host, and what comes from
anywhere else changes nothing.

Siblings are the hard case: acme and globex are the same *site* to a browser, so SameSite lets their requests pass.
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

import tenancy
from tenancy.hosts import public_netloc, public_url

LOGIN = "/_allauth/browser/v1/auth/login"
ME = "/api/v1/me/"
INVITATIONS = "/api/v1/invitations/"
HAND_OVER = "/api/v1/hand-over/"

Browser = Callable[..., Client]


@pytest.fixture
def browser(acme: Any) -> Browser:
    """A browser on acme's host, with the checks that the test client leaves out by default."""

    def open_one(**headers: str) -> Client:
        return Client(enforce_csrf_checks=True, headers={"host": public_netloc(acme.host), **headers})

    return open_one


@pytest.fixture(autouse=True)
def no_limits_left_over(db: None) -> None:
    with tenancy.platform():
        cache.clear()


def signed_in(client: Client, person: Any) -> str:
    """Sign ``person`` in as the application does; return the token that the page then has."""
    client.get("/_allauth/browser/v1/auth/session")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    done = client.post(
        LOGIN,
        {"email": person.email, "password": person.password},
        "application/json",
        headers={"x-csrftoken": token},
    )
    assert done.status_code == 200, done.content
    return str(client.get(ME).json()["csrf"])


def invite(client: Client, **headers: str) -> Any:
    return client.post(
        INVITATIONS, {"email": "nia@acme.example", "role": "learner"}, "application/json", headers=headers
    )


def cookies_of(response: Any) -> SimpleCookie:
    cookies: SimpleCookie = response.cookies
    return cookies


# -- what is given -----------------------------------------------------------------------------------------------------


def test_every_cookie_is_bound_to_its_host(browser: Browser, alice: Any) -> None:
    client = browser()
    client.get("/_allauth/browser/v1/auth/session")
    token = client.cookies[settings.CSRF_COOKIE_NAME].value
    answers = [
        client.get("/hand-over/start/"),
        client.get("/_allauth/browser/v1/auth/session"),
        client.post(
            LOGIN,
            {"email": alice.email, "password": alice.password},
            "application/json",
            headers={"x-csrftoken": token},
        ),
        client.get(ME),
    ]

    given = {name: morsel for answer in answers for name, morsel in cookies_of(answer).items()}
    assert set(given) == {"__Host-session", "__Host-csrf", "__Host-handover", "__Host-device"}
    for name, morsel in given.items():
        assert morsel["domain"] == "", f"{name} would reach siblings"
        assert morsel["path"] == "/", name
        assert morsel["secure"], name
        assert morsel["httponly"], name
        assert morsel["samesite"] in ("Lax", "Strict"), name


@pytest.mark.parametrize("name", ["sessionid", "session", "Host-session", "__Secure-session"])
def test_a_cookie_that_a_sibling_could_set_is_not_read(browser: Browser, alice: Any, name: str) -> None:
    client = browser()
    signed_in(client, alice)
    thief = browser()
    thief.cookies[name] = client.cookies["__Host-session"].value

    assert thief.get(ME).status_code == 401


def test_no_cookie_crosses_to_another_organization(browser: Browser, globex: Any, alice: Any) -> None:
    client = browser()
    signed_in(client, alice)
    elsewhere = Client(headers={"host": public_netloc(globex.host)})
    elsewhere.cookies = client.cookies

    assert elsewhere.get(ME).status_code == 401


# -- what is asked of a write -----------------------------------------------------------------------------------------


def test_a_write_from_our_own_page_works(acme: Any, browser: Browser, alice: Any) -> None:
    client = browser()
    token = signed_in(client, alice)

    made = invite(client, **{"x-csrftoken": token, "origin": public_url(acme.host, "")})

    assert made.status_code == 201, made.content


@pytest.mark.parametrize(
    "origin",
    [
        "sibling",
        "site",
        "null",
        "https://evil.example",
        "scheme",
        "port",
        "subdomain",
        "suffix",
        "userinfo",
    ],
)
def test_a_write_from_anywhere_else_is_refused_even_with_the_token(
    acme: Any, globex: Any, browser: Browser, alice: Any, origin: str
) -> None:
    own = public_netloc(acme.host)
    foreign = {
        "sibling": public_url(globex.host, ""),
        "site": public_url(settings.SITE_HOST, ""),
        "scheme": f"https://{own}",
        "port": f"http://{acme.host}:1",
        "subdomain": f"http://x.{own}",
        "suffix": f"http://{acme.host}.evil.example",
        "userinfo": f"http://{own}@evil.example",
    }.get(origin, origin)
    client = browser()
    token = signed_in(client, alice)

    refused = invite(client, **{"x-csrftoken": token, "origin": foreign})

    assert (refused.status_code, refused.json()["code"]) == (403, "cross_origin")
    assert b"nia@acme.example" not in client.get(INVITATIONS).content


@pytest.mark.parametrize("site", ["same-site", "cross-site"])
def test_a_write_without_origin_is_judged_by_where_the_browser_stands(browser: Browser, alice: Any, site: str) -> None:
    client = browser()
    token = signed_in(client, alice)

    assert invite(client, **{"x-csrftoken": token, "sec-fetch-site": site}).status_code == 403
    assert invite(client, **{"x-csrftoken": token, "sec-fetch-site": "same-origin"}).status_code == 201


def test_a_write_needs_the_token_of_this_very_browser(browser: Browser, alice: Any, olga: Any) -> None:
    client = browser()
    token = signed_in(client, alice)
    another = signed_in(browser(), olga)

    for headers in ({}, {"x-csrftoken": ""}, {"x-csrftoken": "A" * len(token)}, {"x-csrftoken": another}):
        refused = invite(client, **headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "csrf_failed"), headers
    assert invite(client, **{"x-csrftoken": token}).status_code == 201


def test_signing_in_changes_the_token(browser: Browser, alice: Any) -> None:
    client = browser()
    client.get("/_allauth/browser/v1/auth/session")
    before = client.cookies[settings.CSRF_COOKIE_NAME].value
    signed_in(client, alice)

    assert invite(client, **{"x-csrftoken": before}).status_code == 403


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (LOGIN, {"email": "leo@acme.example", "password": "whatever-it-is-1"}),
        ("/_allauth/browser/v1/auth/password/request", {"email": "leo@acme.example"}),
        (HAND_OVER, {"code": "a-code"}),
        ("/api/v1/invitation-links/some-token/acceptance/", {"name": "Nia", "password": "a-long-sentence-5"}),
    ],
)
def test_what_visitors_may_write_needs_the_token_too(
    browser: Browser, globex: Any, path: str, body: dict[str, str]
) -> None:
    """Else a sibling could sign a visitor in as somebody else, and read what they then write."""
    assert browser().post(path, body, "application/json").status_code == 403
    sibling = browser(origin=public_url(globex.host, ""))
    refused = sibling.post(path, body, "application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "cross_origin")
