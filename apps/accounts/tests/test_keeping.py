"""Suspending, restoring, erasing, resetting: at once, with a reason, by whoever may."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db.models import Q

import tenancy
from apps.accounts.erasure import NAME, erase
from apps.accounts.errors import LastOwner
from apps.accounts.models import Invitation, Member, RoleAssignment
from apps.accounts.services import keeping
from apps.accounts.tests.doors import AUTH, browser, enrol_app, is_in, login, send, signed_in
from apps.audit.models import AuditEntry
from core.email_index import hmac_of
from events.models import OutboxMessage

REASON = {"reason": "Left the company in May"}


def path(person, act):
    return f"/api/v1/members/{person.id}/{act}/"


def published(kind):
    """What the bound organization told of its members, in the order in which it did."""
    ours = tenancy.current().id
    with tenancy.platform():
        found = OutboxMessage.objects.filter(organization_id=ours, type=f"lms.accounts.member.{kind}.v1")
        return list(found.order_by("id").values_list("payload", flat=True))


def entry(action):
    return AuditEntry.objects.filter(action=action).latest("at")


# -- attack 91: suspended means out, at once ------------------------------------------------------------------------


def test_attack_91_a_suspended_member_is_out_at_once_everywhere(acme, alice, leo, letters):
    phone, laptop = signed_in(leo), signed_in(leo)
    forced = leo.client()  # a session that no list of devices knows

    answer = send(alice.client(), "PUT", path(leo, "suspension"), REASON)

    assert answer.status_code == 200, answer.content
    assert answer.json()["state"] == "suspended"
    assert answer.json()["suspended_at"]
    assert not any(is_in(client) for client in (phone, laptop, forced))
    assert phone.get(f"{AUTH}/session").status_code == 401
    assert not UserSession.objects.filter(user_id=leo.id).exists()
    assert letters[-1].to == leo.email
    assert "suspended" in letters[-1].subject
    assert REASON["reason"] not in letters[-1].text
    assert published("suspended")[-1] == {"member_id": str(leo.id), "email_hmac": hmac_of(leo.email)}
    assert entry("accounts.member.suspended").changes == REASON


def test_attack_91_restoring_brings_no_old_session_back(acme, alice, leo, letters):
    known, forced = signed_in(leo), leo.client()
    admin = alice.client()
    send(admin, "PUT", path(leo, "suspension"), REASON)

    assert admin.delete(path(leo, "suspension")).json()["state"] == "active"

    assert not is_in(known)
    assert not is_in(forced)
    assert is_in(signed_in(leo))
    assert published("restored")


def test_a_suspended_member_hears_why_after_the_right_password_and_nobody_else_does(acme, alice, leo, letters):
    send(alice.client(), "PUT", path(leo, "suspension"), REASON)

    right, wrong = login(browser(acme), leo), login(browser(acme), leo, "not-the-password-1")

    assert (right.status_code, right.json()["code"]) == (403, "member_suspended")
    assert wrong.status_code == 400
    assert "suspended" not in wrong.content.decode()


def test_suspending_twice_is_suspending_once(acme, alice, leo, letters):
    admin = alice.client()
    for _ in range(2):
        assert send(admin, "PUT", path(leo, "suspension"), REASON).status_code == 200

    assert len(published("suspended")) == 1
    assert len(letters) == 1


def test_a_reason_is_asked(acme, alice, leo):
    assert send(alice.client(), "PUT", path(leo, "suspension"), {"reason": " "}).status_code == 422


@pytest.mark.parametrize("act", ["suspension", "erasure", "second-factor-reset"])
def test_nobody_does_it_to_themselves_and_an_admin_does_it_to_no_owner(acme, olga, alice, act):
    admin, method = signed_in(alice), "PUT" if act == "suspension" else "POST"

    assert send(admin, method, path(alice, act), REASON).json()["code"] == "not_yourself"
    assert send(admin, method, path(olga, act), REASON).json()["code"] == "owners_only"


def test_the_last_owner_stays(acme, olga, alice, actor, letters):
    RoleAssignment.objects.create(member_id=alice.id, role="owner")
    second = actor(alice)
    Member.objects.filter(id=alice.id).update(state="suspended")

    with pytest.raises(LastOwner):
        keeping.suspend(actor=second, member_id=olga.id, reason="A mutiny")
    with pytest.raises(LastOwner):
        keeping.erase(actor=second, member_id=olga.id, reason="A mutiny")


def test_a_learner_may_do_none_of_it(acme, leo, lea):
    client = signed_in(leo)

    for act, method in (("suspension", "PUT"), ("erasure", "POST"), ("second-factor-reset", "POST")):
        assert send(client, method, path(lea, act), REASON).status_code == 403


# -- erasing --------------------------------------------------------------------------------------------------------


def test_erasing_takes_who_they_are_and_leaves_what_they_did(acme, alice, leo, letters):
    client = signed_in(leo)
    enrol_app(client)

    answer = send(signed_in(alice), "POST", path(leo, "erasure"), REASON)

    assert answer.status_code == 204, answer.content
    erased = Member.objects.get(id=leo.id)
    assert (erased.state, erased.email, erased.name) == ("anonymised", None, NAME)
    assert (erased.last_seen_on, erased.last_login, erased.zone) == (None, None, "UTC")
    assert not erased.has_usable_password()
    assert not is_in(client)
    for table in (EmailAddress, Authenticator, UserSession):
        assert not table.objects.filter(user_id=leo.id).exists()
    assert not RoleAssignment.objects.filter(member_id=leo.id).exists()
    assert not Invitation.objects.filter(Q(email=leo.email)).exists()
    assert letters[-1].to == leo.email
    assert published("erased")[-1]["email_hmac"] == hmac_of(leo.email)
    kept = entry("accounts.member.erased")
    assert kept.object_id == leo.id
    assert "Leo" not in str(kept.changes) + kept.object_label


def test_erasing_needs_a_fresh_proof(acme, alice, leo):
    refused = send(alice.client(), "POST", path(leo, "erasure"), REASON)

    assert (refused.status_code, refused.json()["code"]) == (403, "reauthentication_required")
    assert Member.objects.get(id=leo.id).email == leo.email


def test_erasing_may_be_replayed(acme, alice, leo, letters):
    send(signed_in(alice), "POST", path(leo, "erasure"), REASON)

    assert erase(leo.id) is False
    assert len(published("erased")) == 1
    assert send(signed_in(alice), "POST", path(leo, "erasure"), REASON).status_code == 204


def test_an_erased_address_may_be_invited_again(acme, alice, leo, letters):
    admin = signed_in(alice)
    send(admin, "POST", path(leo, "erasure"), REASON)

    again = send(admin, "POST", "/api/v1/invitations/", {"email": leo.email, "role": "learner"})

    assert again.status_code == 201


# -- resetting the second step --------------------------------------------------------------------------------------


def test_a_reset_is_loud_and_lets_the_password_stay(acme, olga, alice, leo, letters):
    client = signed_in(leo)
    enrol_app(client)
    admin = signed_in(alice)
    letters.clear()

    answer = send(admin, "POST", path(leo, "second-factor-reset"), REASON)

    assert answer.status_code == 200, answer.content
    assert not Authenticator.objects.filter(user_id=leo.id).exists()
    assert not is_in(client)
    assert is_in(signed_in(leo))
    assert {letter.to for letter in letters if "reset" in letter.subject} >= {leo.email, olga.email}
    assert all(REASON["reason"] in letter.text for letter in letters if "reset" in letter.subject)
    assert entry("accounts.factors.reset").changes == REASON


def test_there_must_be_something_to_reset_and_a_fresh_proof(acme, alice, leo):
    assert send(signed_in(alice), "POST", path(leo, "second-factor-reset"), REASON).json()["code"] == "no_second_factor"
    stale = send(alice.client(), "POST", path(leo, "second-factor-reset"), REASON)
    assert stale.json()["code"] == "reauthentication_required"


# -- the list -------------------------------------------------------------------------------------------------------


def test_the_list_tells_states_and_who_is_protected(acme, alice, leo, lea, letters):
    enrol_app(signed_in(leo))
    admin = alice.client()
    send(admin, "PUT", path(lea, "suspension"), REASON)

    suspended = admin.get("/api/v1/members/?state=suspended").json()["items"]
    everybody = {item["id"]: item for item in admin.get("/api/v1/members/").json()["items"]}
    counted = admin.get("/api/v1/member-counts/").json()

    assert [item["id"] for item in suspended] == [str(lea.id)]
    assert everybody[str(leo.id)]["has_second_factor"] is True
    assert everybody[str(lea.id)]["has_second_factor"] is False
    assert counted["suspended"] == 1
    assert counted["active"] == len(everybody) - 1
