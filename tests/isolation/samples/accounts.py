"""Samples of accounts: people, roles, invitations and the hand-over."""

from __future__ import annotations

from datetime import timedelta

import tenancy
from apps.accounts.models import Member
from apps.accounts.services import invitations
from apps.accounts.sessions import principal
from core.clock import now
from core.ids import new_secret
from tenants.models import HandOver
from tenants.pending import sha256
from tests.isolation.samples import Call, Sample, World, sample, thing


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
    return Sample(calls={"GET": Call(by="learner")})


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
