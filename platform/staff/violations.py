"""Violations of the content security policy, counted by kind for staff. Anybody may report, so the store is bounded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from core.clock import now
from core.errors import NotFound
from staff import audit
from staff.models import PolicyViolation

# Kinds kept at most. A policy that is wrong somewhere makes a handful; whoever invents reports makes as many as they
# are let, each once, and these make room for each other.
MOST = 400
KEPT_FOR = timedelta(days=30)


class Kind(NamedTuple):
    """What reports are counted by."""

    surface: str
    directive: str
    blocked: str
    page: str


def count(reports: Mapping[Kind, int]) -> None:
    """Count reports, each kind as often as it says. Platform only, outside transactions."""
    at = now()
    # In one order, so that two who count the same kinds wait for each other at most once.
    for kind, times in sorted(reports.items()):
        rows = PolicyViolation.objects.filter(**kind._asdict())
        if rows.update(count=F("count") + times, last_seen_at=at):
            continue
        with transaction.atomic():
            _make_room()
            PolicyViolation.objects.bulk_create(
                [PolicyViolation(**kind._asdict(), first_seen_at=at, last_seen_at=at)], ignore_conflicts=True
            )
            rows.update(count=F("count") + times, last_seen_at=at)


def _make_room() -> None:
    """Forget what was reported least, longest ago, where there are as many kinds as are kept."""
    over = PolicyViolation.objects.count() - MOST + 1
    if over > 0:
        least = PolicyViolation.objects.order_by("count", "last_seen_at").values_list("id", flat=True)[:over]
        PolicyViolation.objects.filter(id__in=list(least)).delete()


def found(surface: str | None = None) -> QuerySet[PolicyViolation]:
    """Return every kind that is kept, or those of one surface. Platform only."""
    return PolicyViolation.objects.filter(surface=surface) if surface else PolicyViolation.objects.all()


@transaction.atomic
def forget(violation_id: UUID) -> None:
    """Forget one kind: it was looked into. If it comes again it is counted anew.

    Raises:
        NotFound: there is none.
    """
    row = PolicyViolation.objects.select_for_update().filter(id=violation_id).first()
    if row is None:
        raise NotFound
    row.delete()
    audit.record(
        "policy_violation.forgotten",
        object_type="policy_violation",
        object_id=violation_id,
        changes={"kind": [f"{row.surface} {row.directive} {row.blocked} {row.page}", None], "count": [row.count, None]},
    )


def purge() -> int:
    """Forget what nobody has reported for a month; return how many kinds that were. Platform only."""
    return PolicyViolation.objects.filter(last_seen_at__lt=now() - KEPT_FOR).delete()[0]
