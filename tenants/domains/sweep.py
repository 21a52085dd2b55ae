"""Which domains are looked at again, and when."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import Q

from core.clock import now
from tenants.domains import tasks
from tenants.models import Domain, Organization

DAILY = timedelta(hours=24)
HOURLY = timedelta(hours=1)
# A claim that nobody proves in this time is only looked at when somebody asks.
PATIENCE = timedelta(days=7)
MOST_AT_ONCE = 200

_State = Domain.State


def due() -> list[UUID]:
    """Return the domains whose turn it is, those that were not looked at for longest first."""
    moment = now()
    soon = (
        Q(state=_State.PENDING, created_at__gt=moment - PATIENCE)
        | Q(state=_State.VERIFIED, since__gt=moment - PATIENCE)
        # Pages of every other host lead to a primary one: that it fails must be seen soon.
        | Q(state=_State.ACTIVE, is_primary=True)
        | Q(state=_State.ACTIVE, failing_since__isnull=False)
    )
    later = Q(state__in=(_State.VERIFIED, _State.ACTIVE)) | Q(state=_State.DISABLED, since__gt=moment - timedelta(30))
    rows = Domain.objects.filter(kind=Domain.Kind.CUSTOM, organization__in=Organization.objects.here()).filter(
        (soon & (Q(checked_at__isnull=True) | Q(checked_at__lt=moment - HOURLY)))
        | (later & (Q(checked_at__isnull=True) | Q(checked_at__lt=moment - DAILY)))
    )
    return list(rows.order_by("checked_at", "id").values_list("id", flat=True)[:MOST_AT_ONCE])


def send_due() -> int:
    """Hand a task a domain to the workers, for DNS may be slow; return how many."""
    found = due()
    for domain_id in found:
        tasks.check_domain.delay(str(domain_id))
    return len(found)
