"""What tenants do about what they told: mail to the owners, written as the organization."""

from __future__ import annotations

from events.api import subscriber
from tenants.domains.mails import write_to_owners
from tenants.events import DomainTrouble


@subscriber("tenants.tell_owners_of_domain", DomainTrouble)
def tell_owners_of_domain(event: DomainTrouble) -> None:
    """Write to the owners that a domain fails or was switched off."""
    write_to_owners(event)
