"""Samples of accounts: people, roles, invitations and the hand-over."""

from __future__ import annotations

from datetime import timedelta

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

import tenancy
from apps.accounts import letters
from apps.accounts.factors.adapter import seal_for
from apps.accounts.models import Member
from apps.accounts.services import email_change, invitations, keeping
from apps.accounts.sessions import principal
from apps.accounts.testing import join
from core.clock import now
from core.ids import new_secret
from tenancy.hosts import public_netloc
from tenants.models import HandOver
from tenants.pending import sha256
from tests.isolation.samples import Call, Sample, World, sample, thing
from tests.support.organizations import PASSWORD as CAST_PASSWORD

PASSWORD = "a-sentence-for-lou-9"


@thing("invitation")
def invitation(world: World) -> dict[str, str]:
    """An open invitation by the owner: its id and the token of its link."""
    with world.bound():
        owner = Member.objects.with_roles().get(id=world.members["owner"])
        made, token = invitations.invite(
            actor=principal(owner).actor, email=f"guest.{world.canary}@example.com", role="learner"
        )
    return {"id": str(made.id), "token": world.secret(token)}


@thing("hand_over")
def hand_over(world: World) -> dict[str, str]:
    """A code and its nonce. The site makes them for the browser that signed up, which alone has the sign-up's token."""
    code, nonce = new_secret(), new_secret()
    with world.bound():
        email = Member.objects.get(id=world.members["owner"]).email
    with tenancy.platform():
        HandOver.objects.create(
            code_sha256=sha256(code),
            nonce_sha256=sha256(nonce),
            organization_id=world.organization.id,
            owner_email=email,
            expires_at=now() + timedelta(days=1),
        )
    return {"code": world.secret(code), "nonce": nonce}


@sample("accounts:me")
def me(world: World) -> Sample:
    return Sample(calls={"GET": Call(by="learner"), "PATCH": Call({"name": world.text("Lena")}, by="learner")})


@thing("session")
def session(world: World) -> int:
    """One of the learner's own sessions, on another browser."""
    with world.bound():
        email = Member.objects.get(id=world.members["learner"]).email
    signed_in = Client(headers={"host": public_netloc(world.organization.host)}).post(
        "/_allauth/browser/v1/auth/login", {"email": email, "password": CAST_PASSWORD}, "application/json"
    )
    assert signed_in.status_code == 200, signed_in.content
    with world.bound():
        return int(UserSession.objects.filter(user_id=world.members["learner"]).latest("pk").pk)


@thing("suspended")
def suspended(world: World) -> str:
    """A member who was suspended, with a second factor that they lost."""
    with world.bound():
        owner = Member.objects.with_roles().get(id=world.members["owner"])
        made = join(email=f"lost.{world.canary}@example.com", name=world.text("Lou"), role="learner", password=PASSWORD)
        Authenticator.objects.create(user_id=made, type="totp", data={"secret": seal_for(made, "JBSWY3DPEHPK3PXP")})
        keeping.suspend(actor=principal(owner).actor, member_id=made, reason=world.text("Away"))
    return str(made)


@thing("email_change")
def email_change_code(world: World) -> str:
    """The code of the learner's open change of address: what the mail says."""
    sent: list[str] = []
    before, letters.send_email_change_code = letters.send_email_change_code, lambda email, *, code: sent.append(code)
    try:
        with world.bound():
            email_change.begin(Member.objects.get(id=world.members["learner"]), f"next.{world.canary}@example.com")
    finally:
        letters.send_email_change_code = before
    return sent[0]


@sample("accounts:security")
def security(world: World) -> Sample:
    return Sample(calls={"GET": Call(by="learner")})


@sample("accounts:session-list")
def session_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by="learner"), "DELETE": Call(by="learner")})


@sample("accounts:session-detail")
def session_detail(world: World) -> Sample:
    return Sample(path={"session_id": world["session"]}, calls={"DELETE": Call(by="learner")})


@sample("accounts:email-change")
def change_of_address(world: World) -> Sample:
    assert world["email_change"]
    return Sample(
        calls={
            "GET": Call(by="learner"),
            "POST": Call({"email": f"later.{world.canary}@example.com"}, by="learner"),
            "DELETE": Call(by="learner"),
        }
    )


@sample("accounts:email-change-confirmation")
def change_confirmed(world: World) -> Sample:
    return Sample(calls={"POST": Call({"code": world["email_change"]}, by="learner")})


@sample("accounts:seats")
def seats(world: World) -> Sample:
    return Sample(calls={"GET": Call(by="admin")})


@sample("accounts:member-counts")
def member_counts(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("accounts:member-suspension")
def member_suspension(world: World) -> Sample:
    return Sample(
        path={"member_id": world["suspended"]},
        calls={"PUT": Call({"reason": world.text("On leave")}), "DELETE": Call()},
    )


@sample("accounts:member-erasure")
def member_erasure(world: World) -> Sample:
    return Sample(path={"member_id": world["suspended"]}, calls={"POST": Call({"reason": world.text("Asked us to")})})


@sample("accounts:member-second-factor-reset")
def second_factor_reset(world: World) -> Sample:
    return Sample(
        path={"member_id": world["suspended"]}, calls={"POST": Call({"reason": world.text("Lost the phone")})}
    )


@sample("accounts:security-policy")
def security_policy(world: World) -> Sample:
    return Sample(calls={"GET": Call(), "PUT": Call({"level": "team"})})


@sample("accounts:invitation-batch")
def invitation_batch(world: World) -> Sample:
    emails = [f"many.{world.canary}@example.com", "no address"]
    return Sample(calls={"POST": Call({"emails": emails, "role": "learner", "days": 3})})


@sample("accounts:invitation-own-link")
def invitation_own_link(world: World) -> Sample:
    return Sample(path={"invitation_id": world["invitation"]["id"]}, calls={"POST": Call()})


@sample("accounts:hand-over")
def redeem(world: World) -> Sample:
    made = world["hand_over"]
    return Sample(
        calls={
            "POST": Call({"code": made["code"]}, cookies={"__Host-handover": made["nonce"]}, by="anonymous"),
        }
    )


@sample("accounts:member-list")
def member_list(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("accounts:member-roles")
def member_roles(world: World) -> Sample:
    return Sample(
        path={"member_id": str(world.members["learner"])}, calls={"PUT": Call({"roles": ["instructor", "learner"]})}
    )


@sample("accounts:invitation-list")
def invitation_list(world: World) -> Sample:
    assert world["invitation"]
    return Sample(
        calls={"GET": Call(), "POST": Call({"email": f"other.{world.canary}@example.com", "role": "author"})},
    )


@sample("accounts:invitation-detail")
def invitation_detail(world: World) -> Sample:
    return Sample(path={"invitation_id": world["invitation"]["id"]}, calls={"DELETE": Call()})


@sample("accounts:invitation-resend")
def invitation_resend(world: World) -> Sample:
    return Sample(path={"invitation_id": world["invitation"]["id"]}, calls={"POST": Call()})


@sample("accounts:invitation-link")
def invitation_link(world: World) -> Sample:
    return Sample(path={"token": world["invitation"]["token"]}, calls={"GET": Call(by="anonymous")})


@sample("accounts:invitation-acceptance")
def invitation_acceptance(world: World) -> Sample:
    return Sample(
        path={"token": world["invitation"]["token"]},
        calls={"POST": Call({"name": world.text("Gwen"), "password": "a-sentence-for-gwen-6"}, by="anonymous")},
    )
