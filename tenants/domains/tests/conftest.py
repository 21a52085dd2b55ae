from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache

import tenancy
from tenants.domains import custom, proof
from tenants.models import Domain
from tests.support.names import Zone, name_server


class Roomy:
    """The allowance of an organization on a plan without an end of domains: what others sell is theirs to test."""

    def take(self, organization_id: Any) -> None: ...

    def give_back(self, organization_id: Any, amount: int = 1) -> None: ...

    def limit(self, organization_id: Any) -> int | None:
        return None


@pytest.fixture
def roomy(settings: Any) -> None:
    """Organizations may have as many domains as they like."""
    settings.DOMAIN_ALLOWANCE = f"{__name__}.Roomy"


@pytest.fixture(scope="session")
def dns_server() -> Iterator[tuple[str, Zone]]:
    with name_server() as found:
        yield found


@pytest.fixture
def zone(dns_server: tuple[str, Zone], settings: Any) -> Zone:
    """An empty zone that the product asks."""
    address, zone = dns_server
    settings.DNS_SERVER = address
    zone.records.clear()
    zone.broken.clear()
    zone.slow_seconds.clear()
    zone.asked.clear()
    return zone


@pytest.fixture
def platform(db: None) -> Iterator[None]:
    with tenancy.platform():
        cache.clear()
        yield


@pytest.fixture
def prove(zone: Zone) -> Callable[[Domain], None]:
    """Put a claim's proof into DNS."""

    def put(domain: Domain) -> None:
        name = proof.challenge_name(domain.host)
        kept = list(zone.records.get((name, "TXT"), []))
        zone.put(name, "TXT", *kept, proof.expected_text(domain.txt_token))

    return put


@pytest.fixture
def activate(zone: Zone, settings: Any, prove: Callable[[Domain], None]) -> Callable[..., Domain]:
    """Bring a domain of an organization into use."""

    def run(organization_id: Any, host: str) -> Domain:
        claimed = custom.claim(organization_id, host)
        prove(claimed)
        zone.put(host, "CNAME", settings.DOMAIN_TARGET)
        return custom.check(claimed)

    return run
