"""Nothing opens before the second factor, and each factor opens once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pyotp
import pytest
from django.conf import settings
from django.test import Client
from prometheus_client import REGISTRY

import tenancy
from core.clock import now
from staff.accounts import people, seals, sessions
from staff.errors import LastOperator
from staff.models import PlatformAuditEntry, StaffAccount, StaffSession
from staff.testing import browser as signed_in
from staff.tests.authenticator import Authenticator
from staff.tests.conftest import PASSWORD, Sam, send, visitor
from tenancy.hosts import public_url
from tests.isolation.routes import api_routes

ENTER = {"email": "sam@staff.example", "password": PASSWORD}


def half(browser: Client | None = None) -> Client:
    """A browser whose password was right."""
    browser = browser or visitor()
    answer = send(browser, "POST", "session/", ENTER)
    assert answer.json()["state"] == "second_factor", answer.content
    return browser


def inside(sam: Sam) -> Client:
    browser = half()
    answer = send(browser, "POST", "session/totp/", {"code": sam.code()})
    assert answer.json()["state"] == "signed_in", answer.content
    return browser


def test_password_and_code_open_the_console(sam: Sam) -> None:
    browser = half()
    stands = send(browser, "GET", "session/").json()
    assert (stands["state"], stands["methods"], stands["staff"]) == ("second_factor", ["totp", "recovery"], None)
    before = browser.cookies[sessions.COOKIE].value
    answer = send(browser, "POST", "session/totp/", {"code": sam.code()}).json()
    assert answer["staff"]["roles"] == ["operations"]
    assert browser.cookies[sessions.COOKIE].value != before
    planted = visitor()
    planted.cookies[sessions.COOKIE] = before
    assert send(planted, "GET", "session/").json()["state"] == "signed_out"
    assert send(browser, "GET", "accounts/").status_code == 200


def test_the_cookie_is_locked_to_the_staff_host(sam: Sam) -> None:
    cookie = inside(sam).cookies[sessions.COOKIE]
    assert cookie.key.startswith("__Host-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"], cookie["domain"], cookie["path"]) == (
        True,
        True,
        "Strict",
        "",
        "/",
    )


def test_a_half_signed_in_browser_opens_the_factor_endpoints_and_nothing_else(sam: Sam) -> None:
    from tests.contracts.permission_table import some_path

    browser = half()
    browser.raise_request_exception = False
    opened = set()
    for route in api_routes("staff"):
        for method, needs in route.permissions.items():
            if needs == "public":
                continue
            answer = browser.generic(method, some_path(route.pattern), b"{}", content_type="application/json")
            if answer.status_code != 401:
                opened.add(f"{method} {route.name}")
    assert opened == {
        "POST staff:session-totp",
        "POST staff:session-recovery",
        "POST staff:session-passkey",
        "POST staff:session-passkey-options",
    }


def test_a_code_opens_once(sam: Sam) -> None:
    code = sam.code()
    assert send(half(), "POST", "session/totp/", {"code": code}).status_code == 200
    again = send(half(), "POST", "session/totp/", {"code": code})
    assert (again.status_code, again.json()["code"]) == (403, "code_refused")


def test_an_older_code_does_not_open_after_a_newer_one(sam: Sam, clock: Any) -> None:
    older = sam.code()
    clock.shift(timedelta(seconds=30))
    assert send(half(), "POST", "session/totp/", {"code": sam.code()}).status_code == 200
    assert send(half(), "POST", "session/totp/", {"code": older}).status_code == 403


@pytest.mark.parametrize("wrong", [{"password": "not it at all"}, {"email": "nobody@staff.example"}])
def test_wrong_words_and_unknown_addresses_answer_alike(sam: Sam, wrong: dict[str, str]) -> None:
    answer = send(visitor(), "POST", "session/", {**ENTER, **wrong})
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_in_refused")


def counted(outcome: str, reason: str) -> float:
    labels = {"surface": "staff", "outcome": outcome, "reason": reason}
    return REGISTRY.get_sample_value("lms_sign_ins_total", labels) or 0.0


@pytest.mark.parametrize(
    ("reason", "path", "body"),
    [
        ("password", "session/", {**ENTER, "password": "not it at all"}),
        ("unknown", "session/", {**ENTER, "email": "nobody@staff.example"}),
        ("suspended", "session/", ENTER),
        ("totp", "session/totp/", {"code": "000000"}),
        ("recovery", "session/recovery/", {"code": "aaaa-bbbb"}),
        ("passkey", "session/passkey/", {"credential": {"id": "x"}}),
    ],
)
def test_what_was_wrong_is_counted_and_written_down(
    sam: Sam, reason: str, path: str, body: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    browser = visitor() if path == "session/" else half()
    if reason == "suspended":
        with tenancy.platform():
            StaffAccount.objects.filter(id=sam.account.id).update(state="suspended")
    before = counted("failed", reason), counted("succeeded", "")
    assert send(browser, "POST", path, body).status_code == 403
    assert (counted("failed", reason), counted("succeeded", "")) == (before[0] + 1, before[1])
    said = [vars(one)["reason"] for one in caplog.records if one.getMessage() == "staff.sign_in_failed"]
    assert said == [reason]


def test_a_way_in_is_counted_once_and_so_is_what_the_limit_turns_away(sam: Sam) -> None:
    before = counted("succeeded", ""), counted("failed", "limited")
    inside(sam)
    for _ in range(12):
        send(visitor(), "POST", "session/", {**ENTER, "password": "not it"})
    assert (counted("succeeded", ""), counted("failed", "limited")) == (before[0] + 1, before[1] + 2)


def test_a_recovery_code_opens_once(sam: Sam) -> None:
    code = sam.recovery_codes[0].upper().replace("-", " ")
    assert send(half(), "POST", "session/recovery/", {"code": code}).json()["state"] == "signed_in"
    assert send(half(), "POST", "session/recovery/", {"code": code}).status_code == 403


def test_guessing_ends_after_ten_tries_over_all_sessions(sam: Sam) -> None:
    answers = [send(half(), "POST", "session/totp/", {"code": "000000"}).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    assert send(half(), "POST", "session/totp/", {"code": sam.code()}).status_code == 429


def test_a_password_is_guessed_ten_times_at_most(sam: Sam) -> None:
    wrong = {**ENTER, "password": "not it"}
    answers = [send(visitor(), "POST", "session/", wrong).status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    assert send(visitor(), "POST", "session/", ENTER).status_code == 429


def test_without_valkey_nobody_gets_in(sam: Sam, monkeypatch: pytest.MonkeyPatch) -> None:
    import redis
    from django.core.cache import cache

    def gone(*_: Any, **__: Any) -> None:
        raise redis.ConnectionError

    monkeypatch.setattr(type(cache), "add", gone, raising=False)
    monkeypatch.setattr("staff.accounts.limits.cache.add", gone)
    assert send(visitor(), "POST", "session/", ENTER).status_code == 503


def test_a_session_ends_when_nobody_uses_it_and_after_its_life(sam: Sam, clock: Any) -> None:
    browser = inside(sam)
    clock.shift(timedelta(minutes=59))
    assert send(browser, "GET", "sessions/").status_code == 200
    clock.shift(timedelta(minutes=61))
    assert send(browser, "GET", "sessions/").status_code == 401
    browser = inside(sam)
    for _ in range(12):
        clock.shift(timedelta(minutes=55))
        assert send(browser, "GET", "sessions/").status_code == 200
    clock.shift(timedelta(minutes=55))
    clock.shift(timedelta(minutes=6))
    assert send(browser, "GET", "sessions/").status_code == 401


def test_sessions_are_listed_and_ended(sam: Sam, clock: Any) -> None:
    first = inside(sam)
    clock.shift(timedelta(seconds=60))
    second = inside(sam)
    rows = send(second, "GET", "sessions/").json()["items"]
    assert [row["current"] for row in rows] == [True, False]
    assert send(second, "DELETE", f"sessions/{rows[1]['id']}/").status_code == 204
    assert send(first, "GET", "sessions/").status_code == 401
    assert send(second, "DELETE", "session/").status_code == 204
    assert send(second, "GET", "session/").json()["state"] == "signed_out"


def test_nobody_ends_somebody_elses_session(sam: Sam) -> None:
    inside(sam)
    with tenancy.platform():
        sams = StaffSession.objects.get(account=sam.account, state="signed_in", ended_at=None, ip="127.0.0.1")
    assert send(signed_in("operations"), "DELETE", f"sessions/{sams.id}/").status_code == 404


def test_what_is_dangerous_asks_for_a_recent_factor(sam: Sam, clock: Any) -> None:
    browser = inside(sam)
    clock.shift(timedelta(minutes=11))
    refused = send(browser, "POST", "factors/recovery-codes/")
    assert (refused.status_code, refused.json()["code"]) == (403, "proof_needed")
    assert send(browser, "GET", "session/").json()["proof_fresh"] is False
    assert send(browser, "POST", "session/totp/", {"code": sam.code()}).json()["proof_fresh"] is True
    codes = send(browser, "POST", "factors/recovery-codes/").json()["recovery_codes"]
    assert len(set(codes)) == 10
    assert send(half(), "POST", "session/recovery/", {"code": sam.recovery_codes[1]}).status_code == 403


def test_suspension_ends_every_session_at_once_and_the_last_operator_stays(sam: Sam) -> None:
    sams, other = inside(sam), signed_in("operations", "finance")
    answer = send(other, "PATCH", f"accounts/{sam.account.id}/", {"state": "suspended", "reason": "Left"})
    assert answer.json()["state"] == "suspended"
    assert send(sams, "GET", "sessions/").status_code == 401
    assert send(visitor(), "POST", "session/", ENTER).status_code == 403
    with tenancy.platform():
        mine = StaffAccount.objects.get(email="operations-finance@staff.example")
    last = send(other, "PATCH", f"accounts/{mine.id}/", {"roles": ["finance"]})
    assert (last.status_code, last.json()["code"]) == (409, LastOperator.code)
    with tenancy.platform():
        kept = PlatformAuditEntry.objects.get(action="staff.account_changed")
    assert (kept.actor_id, kept.reason, kept.changes) == (mine.id, "Left", {"state": ["active", "suspended"]})


def test_a_set_up_link_opens_once(sam: Sam) -> None:
    made = send(
        signed_in("operations"), "POST", "accounts/", {"email": "New@x.example", "name": "N", "roles": ["support"]}
    )
    path = f"set-up-links/{made.json()['set_up_url'].rsplit('/', 1)[1]}/"
    assert send(visitor(), "GET", path).json() == {"name": "N", "email": "new@x.example"}
    weak = send(visitor(), "POST", path, {"password": "short"})
    assert (weak.status_code, weak.json()["errors"][0]["pointer"]) == (422, "#/password")
    browser = visitor()
    assert send(browser, "POST", path, {"password": PASSWORD}).json()["state"] == "enrolment"
    assert send(visitor(), "POST", path, {"password": PASSWORD}).status_code == 404
    assert send(browser, "GET", "accounts/").status_code == 401


def test_writes_come_from_the_consoles_own_page(sam: Sam) -> None:
    strict = Client(enforce_csrf_checks=True, headers={"host": settings.STAFF_HOST})
    assert send(strict, "POST", "session/", ENTER).json()["code"] == "csrf_failed"
    token = send(strict, "GET", "session/").json()["csrf"]
    sent = strict.post("/api/v1/session/", ENTER, content_type="application/json", headers={"x-csrftoken": token})
    assert sent.json()["state"] == "second_factor"
    elsewhere = strict.post(
        "/api/v1/session/",
        ENTER,
        content_type="application/json",
        headers={"x-csrftoken": token, "origin": public_url("acme.lms.localhost", "")},
    )
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "cross_origin")


def test_seeds_are_sealed_to_their_account(sam: Sam) -> None:
    with tenancy.platform():
        sealed = bytes(StaffAccount.objects.get(id=sam.account.id).totp_sealed or b"")
        other = StaffAccount.objects.create(email="o@x.example", name="O", roles=["support"])
    assert sam.seed.encode() not in sealed
    assert seals.unseal(sealed, sam.account.id) == sam.seed
    with pytest.raises(seals.SealBroken):
        seals.unseal(sealed, other.id)


# -- passkeys -------------------------------------------------------------------------------------------------------


@pytest.fixture
def device() -> Authenticator:
    return Authenticator(rp_id=settings.STAFF_HOST, origin=public_url(settings.STAFF_HOST, ""))


def add(browser: Client, device: Authenticator) -> Any:
    options = send(browser, "POST", "factors/passkeys/options/").json()
    assert (options["rp"]["id"], options["authenticatorSelection"]["userVerification"]) == (
        settings.STAFF_HOST,
        "required",
    )
    return send(browser, "POST", "factors/passkeys/", {"name": "Key", "credential": device.make(options)})


def test_a_passkey_signs_in(sam: Sam, device: Authenticator) -> None:
    assert add(inside(sam), device).status_code == 201
    browser = half()
    options = send(browser, "POST", "session/passkey/options/").json()
    answer = device.answer(options)
    done = send(browser, "POST", "session/passkey/", {"credential": answer})
    assert done.json()["state"] == "signed_in", done.content
    assert done.json()["methods"] == ["totp", "passkey", "recovery"]


def test_a_challenge_is_for_one_session_and_answered_once(sam: Sam, device: Authenticator) -> None:
    add(inside(sam), device)
    one, two = half(), half()
    options = send(one, "POST", "session/passkey/options/").json()
    send(two, "POST", "session/passkey/options/")
    answer = device.answer(options)
    assert send(two, "POST", "session/passkey/", {"credential": answer}).json()["code"] == "passkey_refused"
    assert send(one, "POST", "session/passkey/", {"credential": answer}).status_code == 200
    assert send(one, "POST", "session/passkey/", {"credential": answer}).status_code == 403


def test_a_copy_of_a_key_shows_by_its_counter(sam: Sam, device: Authenticator) -> None:
    add(inside(sam), device)
    browser = half()
    options = send(browser, "POST", "session/passkey/options/").json()
    assert send(browser, "POST", "session/passkey/", {"credential": device.answer(options, count=7)}).status_code == 200
    browser = half()
    options = send(browser, "POST", "session/passkey/options/").json()
    assert send(browser, "POST", "session/passkey/", {"credential": device.answer(options, count=7)}).status_code == 403


@pytest.mark.parametrize(
    "fault", [{"origin": "http://acme.lms.localhost:8000"}, {"rp_id": "lms.localhost"}, {"verifies": False}]
)
def test_a_passkey_of_another_page_or_without_its_person_is_refused(sam: Sam, fault: dict[str, Any]) -> None:
    right = {"rp_id": settings.STAFF_HOST, "origin": public_url(settings.STAFF_HOST, "")}
    refused = add(inside(sam), Authenticator(**{**right, **fault}))
    assert (refused.status_code, refused.json()["code"]) == (403, "passkey_refused")


def test_the_last_factor_stays(db: None, device: Authenticator) -> None:
    made = send(
        signed_in("operations"), "POST", "accounts/", {"email": "k@x.example", "name": "K", "roles": ["support"]}
    )
    browser, token = visitor(), made.json()["set_up_url"].rsplit("/", 1)[1]
    send(browser, "POST", f"set-up-links/{token}/", {"password": PASSWORD})
    added = add(browser, device)
    assert len(added.json()["recovery_codes"]) == 10
    refused = send(browser, "DELETE", f"factors/passkeys/{added.json()['id']}/")
    assert (refused.status_code, refused.json()["code"]) == (409, "last_factor")


def test_a_tenant_host_knows_no_staff_and_the_staff_host_no_members(sam: Sam, world: Any) -> None:
    staff_on_tenant = Client(headers={"host": "acme.lms.localhost"})
    staff_on_tenant.cookies[sessions.COOKIE] = inside(sam).cookies[sessions.COOKIE].value
    assert staff_on_tenant.get("/api/v1/me/").status_code == 401
    assert staff_on_tenant.get("/api/v1/accounts/").status_code == 404
    olga = world.people["olga"].client()
    assert olga.get("/api/v1/accounts/", headers={"host": settings.STAFF_HOST}).status_code == 401


def test_a_password_alone_makes_no_factor_once_there_is_one(clock: Any) -> None:
    """Two browsers know the password of a new account; the one that makes the first factor shuts the other out."""
    with tenancy.platform():
        _, link = people.create(email="nora@staff.example", name="Nora New", roles=["operations"])
    mine, other = visitor(), visitor()
    send(mine, "POST", f"set-up-links/{link.rsplit('/', 1)[1]}/", {"password": PASSWORD})
    began = send(other, "POST", "session/", {"email": "nora@staff.example", "password": PASSWORD})
    assert began.json()["state"] == "enrolment"
    seed = send(mine, "POST", "factors/totp/").json()["secret"]
    confirmed = send(mine, "POST", "factors/totp/confirmation/", {"code": pyotp.TOTP(seed).at(now())})
    assert confirmed.status_code == 200
    assert send(other, "POST", "factors/totp/").status_code == 401
    assert send(other, "POST", "factors/passkeys/options/").status_code == 401
    assert send(mine, "GET", "organizations/").status_code == 200
