"""The site host: addresses, terms and sign-ups. Nobody is signed in there; a sign-up is named by its token."""

from __future__ import annotations

import hashlib
from typing import Any
from unittest import mock

import tenancy
from core.ids import new_secret
from tenants.sign_up import TERMS_VERSION
from tests.isolation.samples import ANONYMOUS, Call, Sample, World, sample, thing


def _form(world: World, slug: str) -> dict[str, str]:
    return {
        "organization_name": world.text("Harbour School"),
        "slug": slug,
        "name": world.text("Hanna"),
        "email": f"hanna@{slug}.example",
        "password": "correct-horse-battery-9",
        "terms_version": TERMS_VERSION,
    }


@thing("open-sign-up")
def open_sign_up(world: World) -> dict[str, str]:
    """Token and code of a sign-up that waits for its code."""
    from tenants import sign_up

    codes: list[str] = []
    with tenancy.platform(), mock.patch("tenants.mails.send_sign_up_code", lambda *, code, **_: codes.append(code)):
        started = sign_up.start(**_form(world, "harbour-school"), ip="127.0.0.1")
    return {"token": started.token, "code": codes[0]}


@thing("own-sign-up")
def own_sign_up(world: World) -> str:
    """A token of the sign-up that made the organization: the one it had was its owner's browser's."""
    from tenants.models import SignUp

    token = new_secret()
    with tenancy.platform():
        known = SignUp.objects.filter(organization_id=world.organization.id)
        assert known.update(token_sha256=hashlib.sha256(token.encode()).hexdigest()) == 1
    return token


@sample("tenants:slug")
def slug(world: World) -> Sample:
    return Sample(path={"slug": "harbour"}, calls={"GET": Call(by=ANONYMOUS)})


@sample("tenants:terms")
def terms(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=ANONYMOUS)})


@sample("tenants:sign-up-list")
def sign_up_list(world: World) -> Sample:
    return Sample(calls={"POST": Call(_form(world, "another-school"), by=ANONYMOUS)})


def _of_open(world: World, call: dict[str, Any]) -> Sample:
    return Sample(path={"token": world["open-sign-up"]["token"]}, calls=call)


@sample("tenants:sign-up-detail")
def sign_up_detail(world: World) -> Sample:
    return _of_open(world, {"GET": Call(by=ANONYMOUS)})


@sample("tenants:sign-up-code")
def sign_up_code(world: World) -> Sample:
    return _of_open(world, {"POST": Call({"code": world["open-sign-up"]["code"]}, by=ANONYMOUS)})


@sample("tenants:sign-up-code-resend")
def sign_up_code_resend(world: World) -> Sample:
    from tests.isolation.traffic import forget_cached

    token = world["open-sign-up"]["token"]
    forget_cached(f"sign-up:{hashlib.sha256(token.encode()).hexdigest()}:resent")  # a minute has passed
    return _of_open(world, {"POST": Call(by=ANONYMOUS)})


@sample("tenants:sign-up-hand-over")
def sign_up_hand_over(world: World) -> Sample:
    nonce_hash = hashlib.sha256(b"a nonce of this browser").hexdigest()
    return Sample(path={"token": world["own-sign-up"]}, calls={"POST": Call({"nonce_hash": nonce_hash}, by=ANONYMOUS)})
