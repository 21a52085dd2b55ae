from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.cache import cache

import tenancy
from core.errors import TooManyRequests, ValidationFailed
from tenants import mails, sign_up
from tenants.errors import CodeSpent, CodeWrong, SignUpGone, SlugUnavailable, TermsOutdated
from tenants.models import Domain, HandOver, Organization, SignUp

PASSWORD = "a-long-password-of-mine-7"


@pytest.fixture
def codes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    sent: list[str] = []
    monkeypatch.setattr(mails, "send_sign_up_code", lambda *, code, **_: sent.append(code))
    return sent


@pytest.fixture(autouse=True)
def platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        cache.clear()
        yield


def start(**changes: str) -> sign_up.Started:
    typed = {
        "organization_name": "Harbour Health",
        "slug": "harbour-health",
        "name": "Hanna Berg",
        "email": "hanna@harbour.example",
        "password": PASSWORD,
        "terms_version": sign_up.TERMS_VERSION,
        "ip": "192.0.2.1",
        **changes,
    }
    return sign_up.start(**typed)


def test_nothing_is_written_before_the_code_is_right(codes: list[str]) -> None:
    before = Organization.objects.count()
    started = start()
    wrong = "000000" if codes[-1] != "000000" else "000001"

    with pytest.raises(CodeWrong) as refusal:
        sign_up.verify(started.token, wrong)

    assert refusal.value.members == {"tries_left": 5}
    assert Organization.objects.count() == before
    assert not Domain.objects.filter(host__startswith="harbour-health").exists()


def test_the_right_code_makes_one_organization_however_often_it_is_sent(codes: list[str]) -> None:
    started = start()
    sign_up.verify(started.token, codes[-1])
    sign_up.verify(started.token, codes[-1])

    found = Domain.objects.get(host="harbour-health.lms.localhost")
    assert found.organization.state == "requested"
    assert not found.is_primary
    assert sign_up.status(started.token)["state"] == "provisioning"
    assert SignUp.objects.filter(organization=found.organization).count() == 1


def test_six_wrong_codes_spend_the_code_and_a_new_one_works(codes: list[str]) -> None:
    started = start()
    wrong = "000000" if codes[-1] != "000000" else "000001"
    for _ in range(5):
        with pytest.raises(CodeWrong):
            sign_up.verify(started.token, wrong)
    with pytest.raises(CodeSpent):
        sign_up.verify(started.token, wrong)
    with pytest.raises(CodeSpent):
        sign_up.verify(started.token, codes[-1])

    with pytest.raises(TooManyRequests):
        sign_up.resend_code(started.token)
    cache.delete(f"sign-up:{sign_up.pending.sha256(started.token)}:resent")
    sign_up.resend_code(started.token)
    sign_up.verify(started.token, codes[-1])


def test_an_unknown_token_is_gone() -> None:
    with pytest.raises(SignUpGone):
        sign_up.verify("nobody", "123456")
    with pytest.raises(SignUpGone):
        sign_up.status("nobody")


def test_a_held_slug_is_refused_to_others_and_kept_for_whoever_holds_it(codes: list[str]) -> None:
    start()
    assert sign_up.availability("harbour-health").reason == "held"
    with pytest.raises(SlugUnavailable) as refusal:
        start(email="somebody@else.example")
    assert refusal.value.members["reason"] == "held"

    start()  # the same person, starting over


@pytest.mark.parametrize(("slug", "reason"), [("acme", "taken"), ("acrne", "lookalike"), ("admin", "reserved")])
def test_a_slug_that_is_not_free_comes_with_a_suggestion_that_is(slug: str, reason: str) -> None:
    found = sign_up.availability(slug)

    assert (found.available, found.reason) == (False, reason)
    assert found.suggestion
    assert sign_up.availability(found.suggestion).available


def test_weak_passwords_and_old_terms_are_refused(codes: list[str]) -> None:
    with pytest.raises(ValidationFailed) as weak:
        start(password="short")
    assert "password" in weak.value.errors
    with pytest.raises(ValidationFailed):
        start(password="hanna@harbour.example")
    with pytest.raises(ValidationFailed) as of_context:
        start(**dict.fromkeys(["password"], "Welcome-to-Harbour-Health"))  # whose organization is not there yet
    assert "everybody tries" in of_context.value.errors["password"]
    with pytest.raises(TermsOutdated):
        start(terms_version="2020-01")
    assert not codes


@pytest.mark.parametrize(("limit", "change"), [("ip", {}), ("email", {}), ("all", {"ip": "198.51.100.7"})])
def test_attack_107_each_limit_stops_the_next_sign_up(
    settings: object, codes: list[str], limit: str, change: dict
) -> None:
    limits = {"ip": 50, "email": 50, "all": 50, "mail": 50, limit: 1}
    settings.SIGN_UP_LIMITS = limits  # type: ignore[attr-defined]
    start()

    with pytest.raises(TooManyRequests) as refusal:
        start(slug="harbour-two", **change)

    assert 0 < refusal.value.members["retry_after_seconds"] <= 3600
    assert len(codes) == 1


def test_no_hand_over_before_the_organization_is_active(codes: list[str]) -> None:
    from tenants import hand_over
    from tenants.errors import NotReady

    started = start()
    sign_up.verify(started.token, codes[-1])

    with pytest.raises(NotReady):
        hand_over.prepare(started.token, nonce_sha256="0" * 64)
    assert not HandOver.objects.exists()
