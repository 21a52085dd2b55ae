"""How many warm schemas are wanted: as many as organizations took in the busiest ten minutes of the last hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from tenants.models import SchemaLedger

LOOK_BACK = timedelta(hours=6)
STRETCH = timedelta(minutes=10)


def taken_since(moment: datetime) -> list[datetime]:
    """Return when organizations got their schemas, out of the pool or built for them, the oldest first."""
    # A row with a ring is of an organization that was brought to another release: it took nothing from here.
    rows = SchemaLedger.objects.filter(finished_at__gt=moment, ring="").order_by("finished_at")
    return [at for at in rows.values_list("finished_at", flat=True) if at is not None]


def busiest(moments: Sequence[datetime], stretch: timedelta = STRETCH) -> int:
    """Return the most of ``moments`` (the oldest first) that lie within one stretch of time."""
    most = begin = 0
    for end, moment in enumerate(moments):
        while moments[begin] <= moment - stretch:
            begin += 1
        most = max(most, end - begin + 1)
    return most


def target_of(moments: Sequence[datetime]) -> int:
    """Return how many schemas the pool should hold: never fewer than the floor, never more than the ceiling."""
    return max(settings.POOL_TARGET, min(busiest(moments), settings.POOL_CEILING))
