"""What the console follows of the organizations: who owns them, and at which address."""

from __future__ import annotations

from apps.accounts.events import (
    EmailChanged,
    MemberErased,
    MemberJoined,
    MemberRestored,
    MemberSuspended,
    RolesChanged,
)
from events.api import DomainEvent, subscriber
from staff.console.addresses import follow_owners


@subscriber("staff.owner_joined", MemberJoined)
@subscriber("staff.owners_changed", RolesChanged)
@subscriber("staff.owner_suspended", MemberSuspended)
@subscriber("staff.owner_restored", MemberRestored)
@subscriber("staff.owner_erased", MemberErased)
@subscriber("staff.owner_moved", EmailChanged)
def owners_changed(event: DomainEvent) -> None:
    """Somebody became an owner, is none any more, or has another address."""
    follow_owners()
