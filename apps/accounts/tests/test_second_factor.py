"""Second factors: set up, asked for, spent once, kept sealed, and not guessed."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session

import tenancy
from apps.accounts.factors import codes
from apps.accounts.factors.adapter import MFAAdapter, seal_for, unseal_for
from apps.accounts.models import Member, RoleAssignment
from apps.accounts.tests.doors import (
    ALLAUTH,
    AUTH,
    FACTORS,
    browser,
    code_of,
    enrol_app,
    give_code,
    is_in,
    login,
    recovery_codes,
    send,
    signed_in,
)
from apps.audit.models import AuditEntry
from core.clock import now
from core.sealing import SealBroken
from tests.contracts.permission_table import some_path
from tests.isolation.routes import api_routes

HALF_A_MINUTE = timedelta(seconds=30)


@pytest.fixture
def secret(leo, letters):
    """The seed of Leo's authenticator app."""
    return enrol_app(signed_in(leo))


def acts():
    return list(AuditEntry.objects.order_by("at", "id").values_list("action", flat=True))


# -- setting up and signing in --------------------------------------------------------------------------------------


def test_the_app_is_asked_for_after_the_password(acme, leo, secret):
    client = browser(acme)

    first = login(client, leo)

    assert first.status_code == 401
    pending = [flow for flow in first.json()["data"]["flows"] if flow.get("is_pending")]
    assert pending[0]["id"] == "mfa_authenticate"
    assert set(pending[0]["types"]) == {"totp", "recovery_codes"}
    assert not is_in(client)
    assert give_code(client, code_of(secret, 1)).status_code == 200
    assert is_in(client)


def test_setting_up_is_told_by_mail_and_kept_in_the_audit(acme, leo, letters, django_capture_on_commit_callbacks):
    client = signed_in(leo)
    with django_capture_on_commit_callbacks(execute=True):
        enrol_app(client)

    assert letters[-1].subject == "An authenticator app was set up"
    assert letters[-1].to == leo.email
    assert "accounts.factor.added" in acts()


def test_the_picture_of_the_seed_comes_from_the_server_and_names_the_organization(acme, leo):
    meta = signed_in(leo).get(f"{FACTORS}/totp").json()["meta"]

    assert meta["totp_svg"].lstrip().startswith("<?xml") or "<svg" in meta["totp_svg"]
    assert "issuer=Acme%20Academy" in meta["totp_url"]
    assert meta["secret"] in meta["totp_url"]


def test_a_first_code_that_is_wrong_sets_nothing_up(acme, leo):
    client = signed_in(leo)
    client.get(f"{FACTORS}/totp")

    assert send(client, "POST", f"{FACTORS}/totp", {"code": "000000"}).status_code == 400
    assert not Authenticator.objects.filter(user_id=leo.id).exists()


def test_factors_change_only_within_five_minutes_of_a_proof(acme, leo, letters):
    client = signed_in(leo)
    with time_machine.travel(now() + timedelta(minutes=6), tick=False):
        assert client.get(f"{FACTORS}/totp").status_code == 401
        assert is_in(client)
        again = send(client, "POST", f"{AUTH}/reauthenticate", {"password": leo.password})
        assert again.status_code == 200
        enrol_app(client)
    with time_machine.travel(now() + timedelta(minutes=20), tick=False):
        assert client.delete(f"{FACTORS}/totp").status_code == 401
        assert client.get(f"{FACTORS}/recovery-codes").status_code == 401
    assert Authenticator.objects.filter(user_id=leo.id, type="totp").exists()


def test_a_recovery_code_opens_once_and_says_so_by_mail(acme, leo, letters):
    client = signed_in(leo)
    enrol_app(client)
    code = recovery_codes(client)[0]

    first = browser(acme)
    login(first, leo)
    assert give_code(first, f"{code[:4]} {code[4:]}").status_code == 200
    assert any(letter.subject == "A recovery code was used" and "9 are left" in letter.text for letter in letters)

    second = browser(acme)
    login(second, leo)
    assert give_code(second, code).status_code == 400
    assert not is_in(second)


def test_recovery_codes_are_shown_once_and_new_ones_end_the_old(acme, leo, letters):
    client = signed_in(leo)
    enrol_app(client)

    first = recovery_codes(client)
    assert len(first) == 10
    assert recovery_codes(client) == []
    renewed = send(client, "POST", f"{FACTORS}/recovery-codes", {}).json()["data"]["unused_codes"]

    assert len(renewed) == 10
    assert not set(first) & set(renewed)
    assert codes.spend(leo.id, first[0]) is None
    assert codes.spend(leo.id, renewed[0]) is not None


def test_attack_41_the_account_page_says_what_there_is_and_shows_no_secret(acme, leo, letters):
    client = signed_in(leo)
    secret = enrol_app(client)

    answer = client.get("/api/v1/me/security/")

    found = answer.json()
    assert found["second_factor"] == {"state": "on", "due_at": None}
    assert found["app"]["created_at"]
    assert found["recovery_codes"]["left"] == found["recovery_codes"]["total"] == 10
    assert found["passkeys"] == []
    assert secret not in answer.content.decode()


# -- seeds at rest --------------------------------------------------------------------------------------------------


def test_a_seed_is_nowhere_in_the_clear(acme, leo, letters):
    client = signed_in(leo)
    begun = client.get(f"{FACTORS}/totp").json()["meta"]["secret"]
    waiting = Session.objects.get(session_key=client.cookies["__Host-session"].value)
    assert begun not in str(waiting.get_decoded())

    secret = enrol_app(client)

    rows = list(Authenticator.objects.filter(user_id=leo.id))
    assert {row.type for row in rows} == {"totp", "recovery_codes"}
    assert all(secret not in str(row.data) for row in rows)
    assert all(str(row.data.get("secret", row.data.get("seed"))).startswith("s1.") for row in rows)


def test_a_seed_that_is_moved_or_copied_to_another_member_opens_nothing(acme, leo, lea, secret):
    row = Authenticator.objects.get(user_id=leo.id, type="totp")

    moved = Authenticator.objects.create(user_id=lea.id, type="totp", data=dict(row.data))
    with pytest.raises(SealBroken):  # in two rows
        MFAAdapter().decrypt(row.data["secret"])
    row.delete()
    with pytest.raises(SealBroken):  # in another's row
        MFAAdapter().decrypt(moved.data["secret"])
    with pytest.raises(SealBroken):
        codes.spend(lea.id, code_of(secret, 1))


def test_a_seed_of_one_organization_opens_in_no_other(acme, globex, leo):
    sealed = seal_for(leo.id, "JBSWY3DPEHPK3PXP")

    assert unseal_for(leo.id, sealed) == "JBSWY3DPEHPK3PXP"
    with tenancy.bind(globex), pytest.raises(SealBroken):
        unseal_for(leo.id, sealed)


# -- attack 86: between the first step and the second ---------------------------------------------------------------


def test_attack_86_half_signed_in_reaches_nothing(acme, leo, secret):
    client = browser(acme)
    login(client, leo)

    for route in api_routes():
        if route.surface != "tenant":
            continue
        for method, needs in route.permissions.items():
            if needs == "public":
                continue
            answer = send(client, method, some_path(route.pattern), {} if method != "GET" else None)
            assert answer.status_code == 401, (method, route.name, answer.status_code)
    for path in ("account/authenticators", "account/authenticators/totp", "account/authenticators/webauthn"):
        assert client.get(f"{ALLAUTH}/{path}").status_code == 401


def test_attack_86_a_code_is_worth_nothing_twice(acme, leo, secret):
    client, replay = browser(acme), browser(acme)
    login(client, leo)
    login(replay, leo)
    code = code_of(secret, 1)

    assert give_code(client, code).status_code == 200
    assert give_code(replay, code).status_code == 400
    assert not is_in(replay)


def test_attack_86_the_code_that_set_the_app_up_signs_nobody_in(acme, leo, letters):
    with time_machine.travel(now(), tick=False):
        secret = enrol_app(signed_in(leo))
        client = browser(acme)
        login(client, leo)

        assert give_code(client, code_of(secret)).status_code == 400


def test_attack_86_an_older_code_is_not_taken_after_a_newer_one(acme, leo, secret):
    assert codes.spend(leo.id, code_of(secret, 1)) is not None
    assert codes.spend(leo.id, code_of(secret, 0)) is None


def test_attack_86_a_new_password_does_not_go_around_the_second_step(acme, leo, secret, letters):
    client = browser(acme)
    send(client, "POST", f"{AUTH}/password/request", {"email": leo.email})
    key = letters[-1].link().rpartition("/")[2]

    answer = send(client, "POST", f"{AUTH}/password/reset", {"key": key, "password": "another-long-sentence-8"})

    assert answer.status_code == 401
    assert not is_in(client)


def test_attack_86_signing_in_by_code_changes_the_sessions_key(acme, leo, secret):
    client = browser(acme)
    login(client, leo)
    before = client.cookies["__Host-session"].value

    give_code(client, code_of(secret, 1))

    assert client.cookies["__Host-session"].value != before


# -- attack 87: guessing --------------------------------------------------------------------------------------------


def test_attack_87_five_wrong_codes_end_guessing_whatever_address_they_claim(acme, leo, secret):
    for number in range(5):
        client = browser(acme, **{"x-forwarded-for": f"198.51.100.{number}", "x-real-ip": f"198.51.100.{number}"})
        login(client, leo)
        assert give_code(client, "000000").status_code == 400

    client = browser(acme, **{"x-forwarded-for": "203.0.113.9", "x-real-ip": "203.0.113.9"})
    login(client, leo)
    refused = give_code(client, code_of(secret, 1))

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert not is_in(client)


def test_attack_87_a_success_in_between_forgives_nothing(acme, leo, secret):
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(4):
            client = browser(acme)
            login(client, leo)
            give_code(client, "000000")
        owner = browser(acme)
        login(owner, leo)
        assert give_code(owner, code_of(secret, 1)).status_code == 200
        clock.shift(HALF_A_MINUTE)

        client = browser(acme)
        login(client, leo)
        assert give_code(client, "000000").status_code == 400
        assert give_code(client, "000001").status_code == 429


def test_attack_87_wrong_codes_are_kept_in_the_audit(acme, leo, secret):
    client = browser(acme)
    login(client, leo)
    give_code(client, "000000")

    assert "accounts.factor.refused" in acts()


# -- the organization's rule ----------------------------------------------------------------------------------------


@pytest.fixture
def overdue(acme, alice):
    """Alice has been an admin for longer than she may be without a second factor."""
    RoleAssignment.objects.filter(member_id=alice.id).update(granted_at=now() - timedelta(days=8))
    Member.objects.filter(id=alice.id).update(created_at=now() - timedelta(days=30))
    return alice


def test_a_fresh_owner_has_a_week(acme, olga):
    standing = olga.client().get("/api/v1/me/").json()["second_factor"]

    assert standing["state"] == "due"
    assert standing["due_at"] > (now() + timedelta(days=6)).isoformat()


def test_after_a_week_nothing_is_open_but_setting_one_up(acme, overdue):
    client = signed_in(overdue)

    for route in api_routes():
        if route.surface != "tenant":
            continue
        for method in route.permissions:
            answer = send(client, method, some_path(route.pattern), {} if method != "GET" else None)
            if (method, route.name) in {("GET", "accounts:me"), ("GET", "accounts:security")}:
                assert answer.status_code == 200, (method, route.name)
            else:
                assert answer.status_code == 403, (method, route.name, answer.status_code)
                assert answer.json()["code"] == "second_factor_required", (method, route.name)
    change = {"current_password": overdue.password, "new_password": "another-long-sentence-8"}
    assert send(client, "POST", f"{ALLAUTH}/account/password/change", change).json()["code"] == "second_factor_required"


def test_setting_one_up_opens_everything(acme, overdue, letters):
    client = signed_in(overdue)
    assert client.get("/api/v1/me/").json()["second_factor"]["state"] == "required"

    enrol_app(client)

    assert client.get("/api/v1/me/").json()["second_factor"]["state"] == "on"
    assert client.get("/api/v1/members/").status_code == 200


def test_the_last_factor_of_an_admin_stays(acme, alice, letters):
    client = signed_in(alice)
    enrol_app(client)

    refused = client.delete(f"{FACTORS}/totp")

    assert (refused.status_code, refused.json()["code"]) == (409, "second_factor_needed")
    assert client.get("/api/v1/me/security/").json()["app"] is not None


def test_a_learner_may_take_theirs_off_again(acme, leo, letters):
    client = signed_in(leo)
    enrol_app(client)

    assert client.delete(f"{FACTORS}/totp").status_code == 200
    assert not Authenticator.objects.filter(user_id=leo.id).exists()


def test_an_owner_may_ask_everybody_and_never_fewer_than_owners_and_admins(acme, olga, alice, leo):
    client = signed_in(olga)

    widened = send(client, "PUT", "/api/v1/security-policy/", {"level": "everyone"})

    assert widened.json()["level"] == "everyone"
    assert leo.client().get("/api/v1/me/").json()["second_factor"]["state"] == "due"
    with time_machine.travel(now() + timedelta(days=7, minutes=1), tick=False):
        assert leo.client().get("/api/v1/catalog/").json()["code"] == "second_factor_required"
    assert send(client, "PUT", "/api/v1/security-policy/", {"level": "nobody"}).status_code == 422
    narrowed = send(client, "PUT", "/api/v1/security-policy/", {"level": "owners_and_admins"})
    assert narrowed.json()["level"] == "owners_and_admins"
    assert leo.client().get("/api/v1/me/").json()["second_factor"]["state"] == "off"
    assert alice.client().get("/api/v1/me/").json()["second_factor"]["state"] == "due"
    assert acts().count("accounts.security_policy.changed") == 2


def test_widening_the_rule_gives_nobody_new_days_who_had_theirs(acme, olga, overdue):
    send(signed_in(olga), "PUT", "/api/v1/security-policy/", {"level": "everyone"})

    assert overdue.client().get("/api/v1/me/").json()["second_factor"]["state"] == "required"


def test_only_an_owner_changes_the_rule_and_proves_it_first(acme, olga, alice):
    assert send(signed_in(alice), "PUT", "/api/v1/security-policy/", {"level": "team"}).status_code == 403
    stale = send(olga.client(), "PUT", "/api/v1/security-policy/", {"level": "team"})
    assert stale.json()["code"] == "reauthentication_required"
    told = alice.client().get("/api/v1/security-policy/").json()
    assert told["grace_days"] == 7
    assert [one["level"] for one in told["levels"]] == ["owners_and_admins", "team", "everyone"]
    assert told["levels"][0]["asked"] < told["levels"][2]["asked"]
