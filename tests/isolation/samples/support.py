"""Samples of support access: one that waits for an owner, one that is open, one that ran out."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import tenancy
from core.clock import now
from core.ids import new_secret
from staff.models import SupportGrant
from staff.support import sessions
from staff.support.services import sha256
from staff.testing import account
from tests.isolation.samples import Call, Sample, World, sample, thing

_AT = timedelta(minutes=59)


def _grant(world: World, email: str, **state: Any) -> dict[str, str]:
    token, code, nonce = world.secret(new_secret()), world.secret(new_secret()), new_secret()
    with tenancy.platform():
        made = SupportGrant.objects.create(
            staff=account("support", email=email),
            organization_id=world.organization.id,
            reason=world.text("They cannot open their course"),
            ticket=world.text("T-1"),
            minutes=60,
            token_sha256=sha256(token),
            code_sha256=sha256(code),
            nonce_sha256=sha256(nonce),
            code_expires_at=now() + _AT,
            **state,
        )
    return {"id": str(made.id), "token": token, "code": code, "nonce": nonce}


@thing("support_open")
def support_open(world: World) -> dict[str, str]:
    """Support access that is in force."""
    at = now()
    return _grant(world, "open@staff.example", state="active", starts_at=at, expires_at=at + _AT)


@thing("support_waiting")
def support_waiting(world: World) -> dict[str, str]:
    """Support access that waits for an owner."""
    return _grant(world, "waits@staff.example", state="awaiting_consent", expires_at=now() + timedelta(hours=20))


@thing("support_over")
def support_over(world: World) -> dict[str, str]:
    """Support access whose time is over and whose end nobody has written down yet."""
    at = now() - timedelta(hours=2)
    return _grant(world, "over@staff.example", state="active", starts_at=at, expires_at=at + _AT)


@sample("support:session")
def session(world: World) -> Sample:
    made = world["support_open"]
    inside = {sessions.COOKIE: made["token"]}
    return Sample(
        calls={
            "GET": Call(by="anonymous", cookies=inside),
            "POST": Call({"code": made["code"]}, by="anonymous", cookies={sessions.NONCE_COOKIE: made["nonce"]}),
            "DELETE": Call(by="anonymous", cookies=inside),
        }
    )


@sample("support:access")
def access(world: World) -> Sample:
    assert world["support_open"]
    return Sample(calls={"GET": Call(by="admin"), "PUT": Call({"mode": "ask"})})


@sample("support:approval")
def approval(world: World) -> Sample:
    return Sample(path={"grant_id": world["support_waiting"]["id"]}, calls={"POST": Call()})


@sample("support:refusal")
def refusal(world: World) -> Sample:
    return Sample(path={"grant_id": world["support_waiting"]["id"]}, calls={"POST": Call()})


@sample("support:end")
def end(world: World) -> Sample:
    return Sample(path={"grant_id": world["support_open"]["id"]}, calls={"POST": Call()})
