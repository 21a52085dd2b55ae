"""A step that fails rests, gives everything back in the end, and nothing of the person stays where nobody needs it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

import tenancy
from core.clock import now
from tenants import duties, hand_over, mails, sign_up
from tenants.errors import CodeSpent, CodeWrong, SignUpGone, SlugUnavailable
from tenants.models import HandOver, Organization, ProvisioningStep, SignUp
from tenants.pending import MAX_TRIES_OF_ALL_CODES, sha256
from tenants.provisioning import engine


@pytest.fixture(autouse=True)
def platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        cache.clear()
        yield


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(mails, "send_sign_up_code", lambda *, code, **_: sent.append(code))
    return sent


def start(slug: str = "quay-school", email: str = "quentin@quay.example") -> str:
    return sign_up.start(
        organization_name="Quay School",
        slug=slug,
        name="Quentin Quay",
        email=email,
        password="a-long-password-of-mine-7",
        terms_version=sign_up.TERMS_VERSION,
        ip="192.0.2.7",
    ).token


def verified(codes: list[str]) -> tuple[str, Organization]:
    token = start()
    sign_up.verify(token, codes[-1])
    return token, SignUp.objects.get(token_sha256=sha256(token)).organization


class Step:
    """A step whose outcome the test decides."""

    name, label = "schema", "A step"

    def __init__(self, *, fails: bool) -> None:
        self.fails, self.undone = fails, 0

    def is_done(self, organization: Organization) -> bool:
        return False

    def run(self, organization: Organization) -> None:
        if self.fails:
            raise ConnectionError("the store does not answer")

    def undo(self, organization: Organization) -> None:
        self.undone += 1
        organization.domains.all().delete()


@pytest.fixture
def step(monkeypatch: pytest.MonkeyPatch) -> Step:
    found = Step(fails=True)
    monkeypatch.setattr(engine, "steps", lambda: [found])
    return found


def test_five_failures_take_minutes(codes: list[str], step: Step) -> None:
    _, organization = verified(codes)
    began = now()
    failures, moment = 0, began
    while Organization.objects.get(id=organization.id).state != "failed":
        moment += timedelta(seconds=2)
        assert moment - began < timedelta(hours=1)
        with time_machine.travel(moment, tick=False):
            for organization_id in engine.stalled(older_than_seconds=duties.STALLED_SECONDS):
                if organization_id == organization.id:
                    engine.provision(organization_id)
                    failures += 1
    assert failures == engine.MAX_ATTEMPTS
    assert moment - began > timedelta(minutes=4)
    assert step.undone == 1


def test_a_worker_that_is_away_is_asked_now_and_then_only(codes: list[str]) -> None:
    _, organization = verified(codes)
    with time_machine.travel(now() + timedelta(minutes=1), tick=False):
        assert organization.id in engine.stalled(older_than_seconds=5)
        assert organization.id not in engine.stalled(older_than_seconds=5)


def test_a_failed_sign_up_keeps_nothing_and_may_start_again_with_its_slug(codes: list[str], step: Step) -> None:
    token, organization = verified(codes)
    for _ in range(engine.MAX_ATTEMPTS):
        engine.provision(organization.id)
    assert sign_up.status(token)["state"] == "failed"
    kept = SignUp.objects.get(organization=organization)
    assert (kept.owner_name, kept.owner_email, kept.password_hash) == ("", "", "")
    with pytest.raises(SignUpGone):
        hand_over.prepare(token, nonce_sha256="0" * 64)

    _, again = verified(codes)
    step.fails = False
    assert engine.provision(again.id) == "active"


def test_an_active_organization_leaves_no_password_behind(codes: list[str], step: Step) -> None:
    step.fails = False
    _, organization = verified(codes)
    engine.provision(organization.id)
    kept = SignUp.objects.get(organization=organization)
    assert (kept.owner_name, kept.owner_email, kept.password_hash) == ("", "quentin@quay.example", "")


def test_a_hand_over_that_never_came_is_forgotten_after_a_day(codes: list[str], step: Step) -> None:
    step.fails = False
    _, organization = verified(codes)
    engine.provision(organization.id)
    _, unfinished = verified_elsewhere(codes)
    HandOver.objects.create(
        code_sha256="c" * 64, nonce_sha256="n" * 64, organization=organization, owner_email="q@x", expires_at=now()
    )
    duties.forget_sign_ups()
    assert SignUp.objects.get(organization=organization).owner_email
    with time_machine.travel(now() + timedelta(days=1, minutes=1), tick=False):
        duties.forget_sign_ups()
    assert SignUp.objects.get(organization=organization).owner_email == ""
    assert SignUp.objects.get(organization=unfinished).owner_email  # still being made
    assert not HandOver.objects.filter(organization=organization).exists()


def verified_elsewhere(codes: list[str]) -> tuple[str, Organization]:
    token = start("pier-school", "pia@pier.example")
    sign_up.verify(token, codes[-1])
    return token, SignUp.objects.get(token_sha256=sha256(token)).organization


def test_a_step_that_a_release_added_is_made_up_for(codes: list[str], step: Step) -> None:
    step.fails = False
    _, organization = verified(codes)
    ProvisioningStep.objects.filter(organization=organization).delete()
    assert engine.provision(organization.id) == "active"


def test_look_alikes_are_not_held_at_once(codes: list[str]) -> None:
    start("rnarina-school")
    assert sign_up.availability("marina-school").reason == "held"
    with pytest.raises(SlugUnavailable):
        start("marina-school", "somebody@else.example")


def test_of_two_look_alikes_only_the_first_is_made(codes: list[str]) -> None:
    first, second = start("rnarina-school"), start("marina-school")  # one person, two minds
    sign_up.verify(first, codes[0])
    with pytest.raises(SlugUnavailable):
        sign_up.verify(second, codes[1])
    sign_up.verify(first, codes[0])


def test_new_codes_do_not_give_tries_for_ever(codes: list[str]) -> None:
    token = start()
    for number in range(MAX_TRIES_OF_ALL_CODES + 1):
        if number and number % 5 == 0:
            cache.delete(f"sign-up:{sha256(token)}:resent")
            sign_up.resend_code(token)
        with pytest.raises((CodeWrong, CodeSpent)):
            sign_up.verify(token, "000000" if codes[-1] != "000000" else "000001")
    with pytest.raises(SignUpGone):
        sign_up.resend_code(token)
    with pytest.raises(SignUpGone):
        sign_up.verify(token, codes[-1])
