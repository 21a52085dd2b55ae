"""People come by invitation: one link, one person, seven days, this organization."""

import hashlib
import threading
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client

import tenancy
from apps.accounts.errors import (
    AlreadyInvited,
    AlreadyMember,
    InvitationExpired,
    InvitationGone,
    OwnersOnly,
    UnknownInvitation,
)
from apps.accounts.models import Invitation, Member, RoleAssignment
from apps.accounts.services import invitations
from apps.accounts.sessions import principal
from apps.audit.models import AuditEntry
from core.clock import now
from core.errors import PermissionDenied, TooManyRequests, ValidationFailed
from tenancy.hosts import public_url
from tests.support.patiently import patiently

PASSWORD = "quite-a-long-sentence-4"


@pytest.fixture
def invited(acme, olga, actor, letters):
    """An open invitation of Nia as a learner, with its token."""
    return invitations.invite(actor=actor(olga), email="Nia@Acme.example", role="learner")


def test_the_mail_is_the_organizations_and_its_link_leads_to_the_organizations_host(acme, invited, letters):
    invitation, token = invited

    (letter,) = letters
    assert letter.to == "nia@acme.example"
    assert letter.sender_name == acme.name
    assert letter.link() == public_url(acme.host, f"/invitation/{token}")
    assert token not in str(vars(invitation)), "only the hash is kept"
    assert invitation.token_sha256 == hashlib.sha256(token.encode()).hexdigest()


def test_whoever_holds_the_link_becomes_a_member_once(acme, invited):
    _, token = invited

    nia = invitations.accept(token=token, name="Nia Okafor", password=PASSWORD)

    assert nia.email == "nia@acme.example"
    assert list(Member.objects.with_roles().get(id=nia.id).role_names) == ["learner"]
    assert nia.emailaddress_set.get().verified
    assert nia.check_password(PASSWORD)
    with pytest.raises(InvitationGone):
        invitations.accept(token=token, name="Somebody Else", password=PASSWORD)


def test_attack_84_a_link_of_another_organization_opens_nothing(acme, globex, invited):
    _, token = invited

    with tenancy.bind(globex), pytest.raises(InvitationGone):
        invitations.offer_of(token)


def test_a_withdrawn_link_opens_nothing(acme, olga, actor, invited):
    invitation, token = invited
    invitations.revoke(actor=actor(olga), invitation_id=invitation.id)

    with pytest.raises(InvitationGone):
        invitations.accept(token=token, name="Nia", password=PASSWORD)
    with pytest.raises(UnknownInvitation):
        invitations.revoke(actor=actor(olga), invitation_id=invitation.id)


def test_a_link_works_for_seven_days(acme, invited):
    _, token = invited
    moment = now()

    with time_machine.travel(moment + timedelta(days=6, hours=23), tick=False):
        assert invitations.offer_of(token).email == "nia@acme.example"
    with time_machine.travel(moment + timedelta(days=7, seconds=1), tick=False), pytest.raises(InvitationExpired):
        invitations.offer_of(token)


def test_sending_again_makes_a_new_link_and_ends_the_old_one(acme, olga, actor, invited, letters):
    invitation, old = invited

    _, new = invitations.resend(actor=actor(olga), invitation_id=invitation.id)

    assert letters[-1].link().endswith(new)
    assert invitations.offer_of(new).role == "learner"
    with pytest.raises(InvitationGone):
        invitations.offer_of(old)


def test_an_address_is_invited_once(acme, olga, actor, invited):
    with pytest.raises(AlreadyInvited):
        invitations.invite(actor=actor(olga), email="NIA@acme.example", role="author")


def test_an_expired_invitation_makes_way_for_a_new_one(acme, olga, actor, invited):
    Invitation.objects.update(expires_at=now() - timedelta(seconds=1))

    _, token = invitations.invite(actor=actor(olga), email="nia@acme.example", role="author")

    assert invitations.offer_of(token).role == "author"


def test_a_member_is_not_invited(acme, olga, leo, actor, letters):
    with pytest.raises(AlreadyMember):
        invitations.invite(actor=actor(olga), email=leo.email.upper(), role="author")
    assert letters == []


def test_nobody_invites_above_what_they_may_grant(acme, alice, avery, actor, letters):
    with pytest.raises(OwnersOnly):
        invitations.invite(actor=actor(alice), email="new@acme.example", role="owner")
    with pytest.raises(PermissionDenied):
        invitations.invite(actor=actor(avery), email="new@acme.example", role="learner")
    with pytest.raises(ValidationFailed):
        invitations.invite(actor=actor(alice), email="new@acme.example", role="emperor")
    assert letters == []


def test_the_role_must_still_be_the_inviters_to_give(acme, alice, actor, letters):
    _, token = invitations.invite(actor=actor(alice), email="nia@acme.example", role="author")
    RoleAssignment.objects.filter(member_id=alice.id).update(role="author")

    with pytest.raises(InvitationGone):
        invitations.accept(token=token, name="Nia", password=PASSWORD)


@pytest.mark.parametrize("password", ["short", "1234567890", "password1234", "nia@acme.example"])
def test_a_weak_password_leaves_the_invitation_open(acme, invited, password):
    _, token = invited

    with pytest.raises(ValidationFailed) as refusal:
        invitations.accept(token=token, name="Nia Okafor", password=password)

    assert "password" in refusal.value.errors
    assert invitations.offer_of(token).role == "learner"


def test_one_address_gets_five_mails_an_hour(acme, olga, actor, invited, letters):
    invitation, _ = invited
    for _ in range(4):
        invitations.resend(actor=actor(olga), invitation_id=invitation.id)

    with pytest.raises(TooManyRequests):
        invitations.resend(actor=actor(olga), invitation_id=invitation.id)
    assert len(letters) == 5


def test_twenty_who_accept_at_once_are_one_member(world, django_db_blocker, letters):
    organization = world.organizations["globex"]
    with django_db_blocker.unblock():
        with tenancy.bind(organization):
            mallory = Member.objects.with_roles().get(id=world.people["mallory"].id)
            _, token = invitations.invite(actor=principal(mallory).actor, email="rush@globex.example", role="learner")
        together = threading.Barrier(20)
        outcomes: list[str] = []

        def accept() -> None:
            try:
                with tenancy.bind(organization):
                    together.wait(60)
                    patiently(lambda: invitations.accept(token=token, name="Rush", password=PASSWORD))
                outcomes.append("joined")
            except (InvitationGone, AlreadyMember) as refused:
                outcomes.append(refused.code)
            finally:
                connection.close()

        runners = [threading.Thread(target=accept) for _ in range(20)]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join()
        with tenancy.bind(organization):
            found = list(Member.objects.filter(email="rush@globex.example"))

    assert sorted(outcomes) == ["invitation_gone"] * 19 + ["joined"]
    assert len(found) == 1


# -- over HTTP ------------------------------------------------------------------------------------------------------


def test_the_studio_lists_invites_sends_again_and_withdraws(acme, alice, letters):
    browser = alice.client()

    made = browser.post("/api/v1/invitations/", {"email": "nia@acme.example", "role": "learner"}, "application/json")
    assert made.status_code == 201, made.content
    assert "token" not in made.json()
    listed = browser.get("/api/v1/invitations/").json()["items"]
    assert [(row["email"], row["state"]) for row in listed] == [("nia@acme.example", "open")]
    again = browser.post(f"/api/v1/invitations/{made.json()['id']}/resend/", content_type="application/json")
    assert again.status_code == 200
    gone = browser.delete(f"/api/v1/invitations/{made.json()['id']}/")
    assert gone.status_code == 204
    assert browser.get("/api/v1/invitations/").json()["items"] == []
    assert len(letters) == 2


@pytest.mark.parametrize("person", ["avery", "ines", "leo"])
def test_attack_28_others_may_neither_list_nor_invite(acme, request, person):
    browser = request.getfixturevalue(person).client()

    assert browser.get("/api/v1/invitations/").status_code == 403
    refused = browser.post("/api/v1/invitations/", {"email": "x@acme.example", "role": "learner"}, "application/json")
    assert refused.status_code == 403


def test_accepting_signs_in_where_the_role_works(acme, invited):
    _, token = invited
    visitor = Client(headers={"host": acme.host})

    offer = visitor.get(f"/api/v1/invitation-links/{token}/")
    assert offer.json() == {"organization": acme.name, "email": "nia@acme.example", "role": "learner"}
    joined = visitor.post(
        f"/api/v1/invitation-links/{token}/acceptance/", {"name": "Nia", "password": PASSWORD}, "application/json"
    )

    assert joined.status_code == 201, joined.content
    assert joined.json()["next"] == "/"
    assert joined.json()["roles"] == ["learner"]
    assert visitor.get("/api/v1/me/").json()["member"]["email"] == "nia@acme.example"


def test_accepting_ends_whatever_session_the_browser_had(acme, leo, invited):
    _, token = invited
    browser = leo.client()
    before = browser.cookies["__Host-session"].value

    browser.post(
        f"/api/v1/invitation-links/{token}/acceptance/", {"name": "Nia", "password": PASSWORD}, "application/json"
    )

    assert browser.cookies["__Host-session"].value != before
    assert browser.get("/api/v1/me/").json()["member"]["name"] == "Nia"
    old = Client(headers={"host": acme.host})
    old.cookies["__Host-session"] = before
    assert old.get("/api/v1/me/").status_code == 401


def test_guessing_links_ends_with_a_limit_and_the_right_link_waits_with_it(acme, invited):
    _, token = invited
    visitor = Client(headers={"host": acme.host, "x-real-ip": "192.0.2.7"})

    answers = {visitor.get(f"/api/v1/invitation-links/guess-{n}/").status_code for n in range(60)}
    assert answers == {404}
    limited = visitor.get(f"/api/v1/invitation-links/{token}/")
    assert limited.status_code == 429
    assert int(limited["Retry-After"]) > 0
    elsewhere = Client(headers={"host": acme.host, "x-real-ip": "192.0.2.8", "x-forwarded-for": "192.0.2.7"})
    assert elsewhere.get(f"/api/v1/invitation-links/{token}/").status_code == 200


# -- many at once, links by hand, and what became of each


def test_a_pasted_list_says_of_each_address_what_became_of_it(acme, alice, leo, letters):
    client = alice.client()
    emails = ["nia@acme.example", "Nia@acme.example", leo.email, "not an address", "omar@acme.example"]
    body = {"emails": emails, "role": "learner", "days": 3}

    answer = client.post("/api/v1/invitation-batches/", body, "application/json", headers={"idempotency-key": "once"})
    again = client.post("/api/v1/invitation-batches/", body, "application/json", headers={"idempotency-key": "once"})

    assert [(item["email"], item["state"]) for item in answer.json()["items"]] == [
        ("nia@acme.example", "invited"),
        (leo.email, "already_member"),
        ("not an address", "invalid_address"),
        ("omar@acme.example", "invited"),
    ]
    assert again.json() == answer.json()
    assert [letter.to for letter in letters] == ["nia@acme.example", "omar@acme.example"]
    assert "3 days" in letters[0].text
    assert Invitation.objects.get(email="nia@acme.example").expires_at < now() + timedelta(days=3, minutes=1)


def test_an_admin_makes_no_owners_by_the_dozen_either(acme, alice):
    body = {"emails": ["nia@acme.example"], "role": "owner"}

    assert alice.client().post("/api/v1/invitation-batches/", body, "application/json").json()["code"] == "owners_only"


def test_a_link_by_hand_ends_the_one_in_the_mail_and_is_kept_in_the_audit(acme, alice, invited):
    invitation, mailed = invited

    made = alice.client().post(f"/api/v1/invitations/{invitation.id}/link/").json()

    token = made["url"].rpartition("/")[2]
    assert invitations.offer_of(token).email == invitation.email
    with pytest.raises(InvitationGone):
        invitations.offer_of(mailed)
    assert AuditEntry.objects.filter(action="accounts.invitation.link_made", object_id=invitation.id).exists()


def test_an_expired_link_says_that_it_expired_and_a_guessed_one_does_not(acme, invited):
    _, token = invited
    visitor = Client(headers={"host": acme.host})

    with time_machine.travel(now() + timedelta(days=8), tick=False):
        expired = visitor.get(f"/api/v1/invitation-links/{token}/")
        guessed = visitor.get(f"/api/v1/invitation-links/{'x' * 43}/")
        accepting = visitor.post(
            f"/api/v1/invitation-links/{token}/acceptance/",
            {"name": "Nia", "password": "a-long-sentence-for-nia"},
            "application/json",
        )

    assert (expired.status_code, expired.json()["code"]) == (410, "invitation_expired")
    assert (guessed.status_code, guessed.json()["code"]) == (404, "invitation_gone")
    assert accepting.status_code == 410


def test_the_list_knows_what_became_of_every_invitation(acme, alice, invited, letters):
    client = alice.client()
    client.post("/api/v1/invitations/", {"email": "gone@acme.example", "role": "learner"}, "application/json")
    client.delete(f"/api/v1/invitations/{Invitation.objects.get(email='gone@acme.example').id}/")
    invitations.accept(token=invited[1], name="Nia", password="a-long-sentence-for-nia")

    def told(state: str) -> set[tuple[str, str]]:
        items = client.get(f"/api/v1/invitations/?state={state}").json()["items"]
        return {(item["email"], item["state"]) for item in items}

    assert ("nia@acme.example", "accepted") in told("accepted")
    assert told("withdrawn") == {("gone@acme.example", "withdrawn")}
    assert "nia@acme.example" not in {email for email, _ in told("open")}
