"""The hand-over: from the sign-up on the site to the studio on the organization's host, once, in one browser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

import tenancy
from core.clock import now
from tenancy.hosts import public_netloc, public_url
from tenants import hand_over
from tenants.models import SignUp
from tenants.pending import sha256

TOKEN = "the-token-of-the-browser-that-signed-up"
HAND_OVER = "/api/v1/hand-over/"


@pytest.fixture(autouse=True)
def no_limits_left_over(db: None) -> None:
    with tenancy.platform():
        cache.clear()


@pytest.fixture
def signed_up(acme: Any, olga: Any) -> None:
    """Olga's sign-up has just made acme, and her browser holds its token."""
    with tenancy.platform():
        SignUp.objects.filter(organization_id=acme.id).update(token_sha256=sha256(TOKEN), owner_email=olga.email)


def browser_on(organization: Any) -> Client:
    return Client(headers={"host": public_netloc(organization.host)})


def prepared(browser: Client) -> str:
    """Walk to the site and back, as the browser does; return the code."""
    start = browser.get("/hand-over/start/")
    assert start.status_code == 302
    nonce_sha256 = parse_qs(urlsplit(start["Location"]).query)["n"][0]
    with tenancy.platform():
        made = hand_over.prepare(TOKEN, nonce_sha256=nonce_sha256)
    return made.code


def redeem(browser: Client, code: str) -> Any:
    return browser.post(HAND_OVER, {"code": code}, "application/json")


def test_the_owner_lands_signed_in(acme: Any, olga: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    code = prepared(browser)

    landed = redeem(browser, code)

    assert landed.status_code == 200, landed.content
    assert landed.json() == {"next": "/studio"}
    assert landed.cookies["__Host-handover"]["max-age"] == 0
    assert browser.get("/api/v1/me/").json()["member"]["id"] == str(olga.id)


def test_the_nonce_goes_to_the_site_as_a_hash_only(acme: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    start = browser.get("/hand-over/start/")

    nonce = start.cookies["__Host-handover"].value
    assert nonce not in start["Location"]
    assert start["Location"] == hand_over.hand_over_start_url(sha256(nonce))


def refused(answer: Any) -> bool:
    return (answer.status_code, answer.json()["code"]) == (403, "hand_over_refused")


def test_a_code_works_once(acme: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    code = prepared(browser)
    nonce = browser.cookies["__Host-handover"].value
    redeem(browser, code)
    again = browser_on(acme)
    again.cookies["__Host-handover"] = nonce

    assert refused(redeem(again, code))
    assert again.get("/api/v1/me/").status_code == 401


def test_a_code_works_for_a_minute(acme: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    moment = now()
    with time_machine.travel(moment, tick=False):
        code = prepared(browser)

    with time_machine.travel(moment + timedelta(seconds=61), tick=False):
        assert refused(redeem(browser, code))


def test_a_code_works_in_the_browser_that_asked_for_it(acme: Any, signed_up: None) -> None:
    code = prepared(browser_on(acme))
    without = browser_on(acme)
    with_another = browser_on(acme)
    with_another.get("/hand-over/start/")

    assert refused(redeem(without, code))
    assert refused(redeem(with_another, code))


def test_a_code_works_on_the_host_it_was_made_for(acme: Any, globex: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    code = prepared(browser)
    elsewhere = browser_on(globex)
    elsewhere.cookies["__Host-handover"] = browser.cookies["__Host-handover"].value

    assert refused(redeem(elsewhere, code))
    assert redeem(browser, code).status_code == 200, "and the refusal did not spend it"


def test_a_code_is_redeemed_by_post_from_this_hosts_own_page(acme: Any, globex: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    code = prepared(browser)

    assert browser.get(HAND_OVER).status_code == 405
    sibling = browser.post(
        HAND_OVER, {"code": code}, "application/json", headers={"origin": public_url(globex.host, "")}
    )
    assert sibling.status_code == 403
    assert redeem(browser, code).status_code == 200


def test_the_session_of_whoever_was_signed_in_before_is_gone(acme: Any, leo: Any, olga: Any, signed_up: None) -> None:
    browser = leo.client()
    before = browser.cookies["__Host-session"].value
    code = prepared(browser)

    redeem(browser, code)

    assert browser.cookies["__Host-session"].value != before
    assert browser.get("/api/v1/me/").json()["member"]["id"] == str(olga.id)
    old = browser_on(acme)
    old.cookies["__Host-session"] = before
    assert old.get("/api/v1/me/").status_code == 401


def test_guessing_ends_with_a_limit(acme: Any, signed_up: None) -> None:
    browser = browser_on(acme)
    code = prepared(browser)

    with time_machine.travel(now(), tick=False):  # they are counted by the hour of the clock
        assert {redeem(browser, f"guess-{n}").status_code for n in range(20)} == {403}
        assert redeem(browser, code).status_code == 429
