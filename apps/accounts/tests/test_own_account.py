"""A member's own account: profile, sessions, change of address, new devices."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import MD5PasswordHasher

import tenancy
from apps.accounts import letters as letters_module
from apps.accounts.devices import COOKIE, device_of
from apps.accounts.models import Member
from apps.accounts.services import email_change
from apps.accounts.tests.doors import ALLAUTH, AUTH, browser, is_in, login, send, signed_in
from apps.audit.models import AuditEntry
from core.clock import now
from core.email_index import hmac_of
from events.models import OutboxMessage

CHANGE = "/api/v1/me/email-change/"
NEW = "leo.new@acme.example"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def sent_codes(monkeypatch):
    """The codes that went to new addresses."""
    found = []
    monkeypatch.setattr(letters_module, "send_email_change_code", lambda email, *, code: found.append((email, code)))
    return found


# -- profile --------------------------------------------------------------------------------------------------------


def test_name_language_and_zone_are_ones_own(acme, leo):
    client = leo.client()

    changed = send(client, "PATCH", "/api/v1/me/", {"name": "Leonie", "zone": "Europe/Zurich"})

    assert changed.json()["member"]["name"] == "Leonie"
    assert changed.json()["member"]["zone"] == "Europe/Zurich"
    assert send(client, "PATCH", "/api/v1/me/", {"zone": "Mars/Olympus"}).status_code == 422
    assert AuditEntry.objects.filter(action="accounts.profile.changed").count() == 1


# -- sessions -------------------------------------------------------------------------------------------------------


def test_sessions_are_told_by_device_and_end_at_once(acme, leo):
    here = browser(acme, **{"user-agent": FIREFOX, "x-real-ip": "203.0.113.7"})
    login(here, leo)
    there = signed_in(leo)

    told = here.get("/api/v1/me/sessions/").json()["items"]
    assert [item["current"] for item in told] == [True, False]
    assert (told[0]["browser"], told[0]["system"], told[0]["ip"]) == ("Firefox", "Linux", "203.0.113.7")

    assert here.delete(f"/api/v1/me/sessions/{told[1]['id']}/").status_code == 204
    assert not is_in(there)
    assert is_in(here)
    assert here.delete(f"/api/v1/me/sessions/{told[1]['id']}/").json()["code"] == "session_not_found"


def test_all_other_sessions_end_with_one_press(acme, leo):
    here, others = signed_in(leo), [signed_in(leo) for _ in range(3)]

    assert here.delete("/api/v1/me/sessions/").json() == {"ended": 3}

    assert is_in(here)
    assert not any(is_in(client) for client in others)


def test_nobody_ends_anothers_session(acme, leo, lea):
    signed_in(lea)
    row = UserSession.objects.get(user_id=lea.id)

    assert leo.client().delete(f"/api/v1/me/sessions/{row.pk}/").status_code == 404
    assert UserSession.objects.filter(pk=row.pk).exists()


def test_when_a_session_was_used_is_noted_every_five_minutes(acme, leo):
    client = signed_in(leo)
    began = UserSession.objects.get(user_id=leo.id).last_seen_at

    with time_machine.travel(began + timedelta(minutes=4), tick=False):
        client.get("/api/v1/me/")
        assert UserSession.objects.get(user_id=leo.id).last_seen_at == began
    with time_machine.travel(began + timedelta(minutes=6), tick=False):
        client.get("/api/v1/me/", headers={"x-real-ip": "203.0.113.8"})
        row = UserSession.objects.get(user_id=leo.id)
    assert (row.last_seen_at, row.ip) == (began + timedelta(minutes=6), "203.0.113.8")


def test_a_changed_role_keeps_the_session_in_the_list(acme, olga):
    client = signed_in(olga)
    send(client, "PUT", f"/api/v1/members/{olga.id}/roles/", {"roles": ["owner", "author"]})

    assert [item["current"] for item in client.get("/api/v1/me/sessions/").json()["items"]] == [True]


def test_a_new_password_ends_the_others_and_an_open_change_of_address(acme, leo, sent_codes, letters):
    here, there = signed_in(leo), signed_in(leo)
    send(there, "POST", CHANGE, {"email": NEW})

    change = {"current_password": leo.password, "new_password": "another-long-sentence-8"}
    assert send(here, "POST", f"{ALLAUTH}/account/password/change", change).status_code == 200

    assert is_in(here)
    assert not is_in(there)
    assert here.get(CHANGE).json()["email"] is None
    assert [item["current"] for item in here.get("/api/v1/me/sessions/").json()["items"]] == [True]


def test_a_new_device_is_news_and_a_known_one_is_not(acme, leo, letters):
    Member.objects.filter(id=leo.id).update(created_at=now() - timedelta(days=30))
    client = browser(acme, **{"user-agent": FIREFOX})
    login(client, leo)

    assert letters[-1].subject == "A new sign-in to your account"
    assert "Firefox on Linux" in letters[-1].text
    client.delete(f"{AUTH}/session")
    login(client, leo)
    assert len(letters) == 1
    assert client.cookies[COOKIE]["secure"]


def test_what_a_browser_says_of_itself():
    edge = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0 Safari/537.36 Edg/125.0"
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Version/17.0 Safari/604.1"

    assert device_of(edge).words == "Edge on Windows"
    assert device_of(phone).words == "Safari on iPhone"
    assert device_of("").words == "An unknown browser"


# -- change of address ----------------------------------------------------------------------------------------------


def test_a_new_address_counts_once_it_is_proved(acme, leo, sent_codes, letters):
    client = signed_in(leo)

    assert send(client, "POST", CHANGE, {"email": NEW.upper()}).status_code == 202
    assert client.get(CHANGE).json()["email"] == NEW
    assert letters[-1].to == leo.email
    assert NEW in letters[-1].text
    assert Member.objects.get(id=leo.id).email == leo.email
    assert is_in(signed_in(leo))

    done = send(client, "POST", f"{CHANGE}confirmation/", {"code": sent_codes[-1][1]})

    assert done.json()["member"]["email"] == NEW
    assert list(EmailAddress.objects.filter(user_id=leo.id).values_list("email", "verified", "primary")) == [
        (NEW, True, True)
    ]
    assert login(browser(acme), leo).status_code == 400
    assert letters[-1].to == leo.email
    assert letters[-1].subject == "Your e-mail address was changed"
    with tenancy.platform():
        payload = OutboxMessage.objects.get(
            organization_id=acme.id, type="lms.accounts.member.email_changed.v1"
        ).payload
    assert payload == {
        "member_id": str(leo.id),
        "email_hmac": hmac_of(NEW),
        "previous_email_hmac": hmac_of(leo.email),
    }
    assert client.get(CHANGE).json()["email"] is None


def test_a_change_needs_a_fresh_proof_and_can_be_taken_back(acme, leo, sent_codes, letters):
    assert send(leo.client(), "POST", CHANGE, {"email": NEW}).json()["code"] == "reauthentication_required"
    client = signed_in(leo)
    send(client, "POST", CHANGE, {"email": NEW})

    assert client.delete(CHANGE).status_code == 204

    code = {"code": sent_codes[-1][1]}
    assert send(client, "POST", f"{CHANGE}confirmation/", code).json()["code"] == "email_change_not_found"


def test_a_code_has_five_tries_and_half_an_hour(acme, leo, sent_codes, letters):
    client = signed_in(leo)
    send(client, "POST", CHANGE, {"email": NEW})
    right = {"code": sent_codes[-1][1]}
    with time_machine.travel(now() + timedelta(minutes=31), tick=False):
        assert send(client, "POST", f"{CHANGE}confirmation/", right).status_code == 404

    for left in (4, 3, 2, 1, 0):
        wrong = send(client, "POST", f"{CHANGE}confirmation/", {"code": "0000 0000"})
        assert (wrong.status_code, wrong.json()["attempts_left"]) == (422, left)
    assert send(client, "POST", f"{CHANGE}confirmation/", right).status_code == 404
    assert Member.objects.get(id=leo.id).email == leo.email


def test_anothers_code_confirms_nothing(acme, leo, lea, sent_codes, letters):
    mine, hers = signed_in(leo), signed_in(lea)
    send(mine, "POST", CHANGE, {"email": NEW})
    send(hers, "POST", CHANGE, {"email": "lea.new@acme.example"})

    assert send(hers, "POST", f"{CHANGE}confirmation/", {"code": sent_codes[0][1]}).status_code == 422


def test_attack_77_an_address_that_somebody_took_meanwhile_stays_theirs(acme, leo, lea, sent_codes, letters):
    client = signed_in(leo)
    send(client, "POST", CHANGE, {"email": NEW})
    Member.objects.filter(id=lea.id).update(email=NEW)

    taken = send(client, "POST", f"{CHANGE}confirmation/", {"code": sent_codes[-1][1]})

    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")
    assert Member.objects.get(id=leo.id).email == leo.email


def test_attack_89_whose_address_it_is_is_not_said(acme, leo, lea, sent_codes, letters):
    client = signed_in(leo)

    free = send(client, "POST", CHANGE, {"email": NEW})
    anothers = send(client, "POST", CHANGE, {"email": lea.email})

    assert (free.status_code, set(free.json())) == (anothers.status_code, set(anothers.json()))
    assert [email for email, _ in sent_codes] == [NEW]
    assert any(letter.to == lea.email and "asked to use your address" in letter.subject for letter in letters)
    assert send(client, "POST", f"{CHANGE}confirmation/", {"code": "00000000"}).json()["code"] == "wrong_code"


def test_attack_90_changes_of_address_are_no_way_to_flood_somebody(acme, leo, lea, sent_codes, letters):
    mine, hers = signed_in(leo), signed_in(lea)
    for number in range(5):
        send(mine if number % 2 else hers, "POST", CHANGE, {"email": "victim@elsewhere.example"})

    assert send(mine, "POST", CHANGE, {"email": "victim@elsewhere.example"}).status_code == 429
    assert len(sent_codes) == 5
    assert email_change.MAILS_PER_ADDRESS_PER_HOUR == 5


def test_attack_90_five_links_an_hour_to_one_address_thirty_from_one_ip(acme, leo, letters):
    for number in range(5):
        client = browser(acme, **{"x-real-ip": f"198.51.100.{number}"})
        assert send(client, "POST", f"{AUTH}/password/request", {"email": leo.email}).status_code == 200
    sixth = browser(acme, **{"x-real-ip": "198.51.100.99"})
    assert send(sixth, "POST", f"{AUTH}/password/request", {"email": leo.email}).status_code == 429
    assert len(letters) == 5

    one = browser(acme, **{"x-real-ip": "203.0.113.50", "x-forwarded-for": "10.0.0.1"})
    answers = [
        send(one, "POST", f"{AUTH}/password/request", {"email": f"stranger{number}@elsewhere.example"}).status_code
        for number in range(31)
    ]
    assert answers[:30] == [200] * 30
    assert answers[30] == 429


def test_attack_89_signing_in_takes_as_long_for_a_stranger(acme, leo, monkeypatch):
    """What takes time is the hash: whoever answered without one would be that much faster, on any machine."""
    hashed, encode = [], MD5PasswordHasher.encode

    def encoding(self, password, *rest, **more):
        hashed.append(password)
        return encode(self, password, *rest, **more)

    monkeypatch.setattr(MD5PasswordHasher, "encode", encoding)

    def hashes(email: str, ip: str) -> list[str]:
        hashed.clear()
        body = {"email": email, "password": "not-the-password-1"}
        assert send(browser(acme, **{"x-real-ip": ip}), "POST", f"{AUTH}/login", body).status_code == 400
        return list(hashed)

    known, strange = hashes(leo.email, "192.0.2.250"), hashes("nobody@acme.example", "192.0.2.251")
    assert known == strange == ["not-the-password-1"]
