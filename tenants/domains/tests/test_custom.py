"""Custom domains: proved, seen, used, lost, and never anybody else's by what was left behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from core.clock import now
from core.errors import TooManyRequests
from events.models import OutboxMessage
from tenancy import TenantRecord
from tenants import tls_ask
from tenants.catalog import load_host
from tenants.domains import custom, proof, sweep
from tenants.domains.errors import DomainLimit, DomainNotFound, NotActive
from tenants.models import Domain
from tests.support.names import Zone

HOST = "learn.acme.example.com"
State = Domain.State

pytestmark = pytest.mark.usefixtures("platform")


@pytest.fixture
def acme(world: Any) -> TenantRecord:
    return world.organizations["acme"]


@pytest.fixture
def globex(world: Any) -> TenantRecord:
    return world.organizations["globex"]


def test_each_state_names_the_record_that_is_missing_or_wrong(
    acme: TenantRecord, zone: Zone, settings: Any, prove: Callable[[Domain], None]
) -> None:
    domain = custom.claim(acme.id, "https://Learn.Acme.example.com/")
    assert (domain.host, domain.state) == (HOST, State.PENDING)

    domain = custom.check(domain)
    text, route = domain.findings
    assert (text["state"], text["type"], text["name"]) == ("missing", "TXT", f"_lms-challenge.{HOST}")
    assert text["expected"] == [f"lms-verify={domain.txt_token}"]
    assert (route["state"], route["expected"]) == ("missing", ["domains.lms.localhost"])

    zone.put(f"_lms-challenge.{HOST}", "TXT", "lms-verify=of-somebody-else")
    domain = custom.check(domain)
    assert domain.findings[0]["state"] == "wrong"
    assert domain.findings[0]["found"] == ["lms-verify=of-somebody-else"]
    assert domain.state == State.PENDING

    prove(domain)
    zone.put(HOST, "CNAME", "old-lms.example.net")
    domain = custom.check(domain)
    assert domain.state == State.VERIFIED
    assert domain.findings[0]["state"] == "found"
    assert (domain.findings[1]["state"], domain.findings[1]["found"]) == ("wrong", ["old-lms.example.net"])
    assert load_host(HOST) is None, "proved, but it does not lead here"

    zone.put(HOST, "CNAME", settings.DOMAIN_TARGET)
    domain = custom.check(domain)
    assert domain.state == State.ACTIVE
    entry = load_host(HOST)
    assert entry is not None
    assert (entry.tenant.id, entry.tenant.host, entry.pages_to) == (acme.id, acme.host, acme.host)
    assert entry.tenant.here == HOST


def test_a_name_doubled_by_the_provider_is_recognised(acme: TenantRecord, zone: Zone) -> None:
    domain = custom.claim(acme.id, HOST)
    zone.put(f"_lms-challenge.{HOST}.{HOST}", "TXT", proof.expected_text(domain.txt_token))
    words = custom.check(domain).findings[0]["words"]
    assert f"_lms-challenge.{HOST}.{HOST}" in words


def test_a_bare_domain_needs_our_addresses(
    acme: TenantRecord, zone: Zone, settings: Any, prove: Callable[[Domain], None]
) -> None:
    settings.DOMAIN_ADDRESSES = ("192.0.2.10", "192.0.2.11")
    domain = custom.claim(acme.id, "acme-learns.com")
    prove(domain)
    zone.put("acme-learns.com", "A", "192.0.2.10", "198.51.100.1")
    domain = custom.check(domain)
    assert domain.state == State.VERIFIED
    assert domain.findings[1]["type"] == "A"
    assert "other addresses" in domain.findings[1]["words"]

    zone.put("acme-learns.com", "A", "192.0.2.10")
    assert custom.check(domain).state == State.ACTIVE


def test_silence_changes_nothing(acme: TenantRecord, zone: Zone, activate: Callable[..., Domain]) -> None:
    domain = activate(acme.id, HOST)
    zone.broken.update({HOST, f"_lms-challenge.{HOST}"})
    with time_machine.travel(now() + timedelta(days=8)):
        domain = custom.check(domain)
    assert (domain.state, domain.failing_since) == (State.ACTIVE, None)
    assert {record["state"] for record in domain.findings} == {"no_answer"}


def test_records_gone_for_a_week_switch_it_off_with_mail_and_the_address_takes_over(
    acme: TenantRecord, zone: Zone, activate: Callable[..., Domain]
) -> None:
    domain = activate(acme.id, HOST)
    custom.make_primary(acme.id, domain.id)
    entry = load_host(acme.host)
    assert entry is not None
    assert (entry.pages_to, entry.tenant.host, entry.tenant.slug) == (HOST, HOST, "acme")

    zone.put(f"_lms-challenge.{HOST}", "TXT")
    domain = custom.check(domain)
    assert domain.state == State.ACTIVE
    assert domain.failing_since is not None
    entry = load_host(acme.host)
    assert entry is not None
    assert entry.pages_to is None, "nobody is sent to a host that may be dead"
    assert _troubles() == [False]

    with time_machine.travel(now() + timedelta(days=6, hours=23)):
        assert custom.check(domain).state == State.ACTIVE
    with time_machine.travel(now() + timedelta(days=7, minutes=1)):
        domain = custom.check(domain)
    assert (domain.state, domain.is_primary) == (State.DISABLED, False)
    assert Domain.objects.get(organization_id=acme.id, is_primary=True).host == acme.host
    assert load_host(HOST) is None
    assert _troubles() == [False, True]

    zone.put(f"_lms-challenge.{HOST}", "TXT", proof.expected_text(domain.txt_token))
    assert custom.check(domain).state == State.ACTIVE, "put back, it comes back"


def _troubles() -> list[bool]:
    told = OutboxMessage.objects.filter(type="lms.tenants.domain.trouble.v1").order_by("occurred_at", "id")
    return [message.payload["disabled"] for message in told]


def test_a_claim_holds_nothing_and_who_proves_it_first_has_it(
    acme: TenantRecord, globex: TenantRecord, zone: Zone, activate: Callable[..., Domain]
) -> None:
    squatted = custom.claim(globex.id, HOST)
    active = activate(acme.id, HOST)
    assert active.state == State.ACTIVE
    assert squatted.txt_token != active.txt_token
    assert custom.check(squatted).state == State.PENDING, "the other's proof is not its own"


def test_what_dns_says_now_decides_between_two(
    acme: TenantRecord, globex: TenantRecord, zone: Zone, activate: Callable[..., Domain], prove: Any
) -> None:
    held = activate(globex.id, HOST)
    claimed = custom.claim(acme.id, HOST)
    prove(claimed)
    claimed = custom.check(claimed)
    assert claimed.state == State.PENDING
    assert "another organization" in claimed.findings[0]["words"]

    zone.put(f"_lms-challenge.{HOST}", "TXT", proof.expected_text(claimed.txt_token))
    claimed = custom.check(claimed)
    assert claimed.state == State.ACTIVE
    held.refresh_from_db()
    assert held.state == State.DISABLED
    entry = load_host(HOST)
    assert entry is not None
    assert entry.tenant.id == acme.id


def test_while_dns_is_silent_about_the_holder_it_keeps_the_domain(
    acme: TenantRecord, globex: TenantRecord, activate: Callable[..., Domain], prove: Any, monkeypatch: Any
) -> None:
    held = activate(globex.id, HOST)
    claimed = custom.claim(acme.id, HOST)
    prove(claimed)
    monkeypatch.setattr(proof, "holds", lambda *_: None)
    assert custom.check(claimed).state == State.PENDING
    held.refresh_from_db()
    assert held.state == State.ACTIVE


def test_attack_17_a_released_domain_is_not_taken_over_by_what_was_left_in_dns(
    acme: TenantRecord, globex: TenantRecord, zone: Zone, activate: Callable[..., Domain]
) -> None:
    domain = activate(acme.id, HOST)
    custom.release(acme.id, domain.id)
    assert load_host(HOST) is None
    assert not tls_ask.is_ours(HOST)

    # The CNAME and the old proof are still there. Neither helps anybody else, nor the organization itself.
    attack = custom.claim(globex.id, HOST)
    assert custom.check(attack).state == State.PENDING
    again = custom.claim(acme.id, HOST)
    assert again.id != domain.id
    assert again.txt_token != domain.txt_token
    assert custom.check(again).state == State.PENDING
    assert load_host(HOST) is None


def test_an_organization_that_ends_lets_every_host_go(
    acme: TenantRecord, globex: TenantRecord, zone: Zone, activate: Callable[..., Domain]
) -> None:
    from tenants import sign_up
    from tenants.domains import address

    activate(acme.id, HOST)
    custom.release_all(acme.id)

    assert load_host(HOST) is None
    assert load_host(acme.host) is None
    assert custom.check(custom.claim(globex.id, HOST)).state == State.PENDING
    assert sign_up.availability("acme").reason == "taken"
    assert address.preview(globex.id, "acme").reason == "taken"
    assert address.preview(globex.id, "acrne").reason == "lookalike"


def test_a_domain_of_another_organization_cannot_be_touched(
    acme: TenantRecord, globex: TenantRecord, activate: Callable[..., Domain]
) -> None:
    domain = activate(acme.id, HOST)
    for act in (custom.get, custom.release, custom.make_primary, custom.check_now):
        with pytest.raises(DomainNotFound):
            act(globex.id, domain.id)
    assert Domain.objects.get(id=domain.id).state == State.ACTIVE


def test_only_a_host_that_leads_here_becomes_primary(acme: TenantRecord, activate: Callable[..., Domain]) -> None:
    waiting = custom.claim(acme.id, HOST)
    with pytest.raises(NotActive):
        custom.make_primary(acme.id, waiting.id)
    own = Domain.objects.get(host=acme.host)
    assert custom.make_primary(acme.id, own.id).is_primary


def test_claims_and_looks_are_limited(
    acme: TenantRecord, zone: Zone, roomy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custom, "MAX_DOMAINS", 5)
    made = [custom.claim(acme.id, f"n{number}.acme.example.com") for number in range(custom.MAX_DOMAINS)]
    assert custom.claim(acme.id, "n0.acme.example.com").id == made[0].id
    with pytest.raises(DomainLimit):
        custom.claim(acme.id, "one-more.acme.example.com")
    custom.release(acme.id, made[0].id)
    custom.claim(acme.id, "one-more.acme.example.com")
    for _ in range(custom.CHECKS_AN_HOUR):
        custom.check_now(acme.id, made[1].id)
    with pytest.raises(TooManyRequests):
        custom.check_now(acme.id, made[1].id)


def test_domains_are_looked_at_again_when_it_is_their_turn(
    acme: TenantRecord, activate: Callable[..., Domain], roomy: None
) -> None:
    active, waiting = activate(acme.id, HOST), custom.claim(acme.id, "two.acme.example.com")
    assert sweep.due() == [waiting.id]
    custom.check(waiting)
    assert sweep.due() == []
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert sweep.due() == [waiting.id]
    with time_machine.travel(now() + timedelta(hours=25)):
        assert set(sweep.due()) == {active.id, waiting.id}
    custom.make_primary(acme.id, active.id)
    with time_machine.travel(now() + timedelta(minutes=61)):
        assert set(sweep.due()) == {active.id, waiting.id}
