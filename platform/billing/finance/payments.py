"""How organizations stand with their payments, for lists of many: each is in one of these."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, Q, QuerySet

from billing.finance.versions import GIVEN, STANDINGS
from billing.models import Subscription

State = Subscription.State
PAYMENTS: tuple[str, ...] = (*STANDINGS, State.CANCELED)


def organizations_where(payments: Iterable[str]) -> QuerySet[Subscription]:
    """Return the ids of organizations that stand in one of ``payments``, for a condition. Platform only."""
    wanted = set(payments)
    states = wanted & set(State.values) - {State.CANCELED}
    condition = Q(is_comp=False, state__in=states)
    if GIVEN in wanted:
        condition |= Q(is_comp=True) & ~Q(state=State.CANCELED)
    if State.CANCELED in wanted:
        condition |= Q(state=State.CANCELED) & ~Q(organization_id__in=_running().values("organization_id"))
    return Subscription.objects.filter(condition).values("organization_id")  # type: ignore[return-value]


def counted() -> dict[str, int]:
    """Return how many organizations stand in each. Platform only."""
    found: dict[str, int] = dict.fromkeys(PAYMENTS, 0)
    for row in _running().values("state", "is_comp").annotate(n=Count("organization_id", distinct=True)).order_by():
        found[GIVEN if row["is_comp"] else row["state"]] += row["n"]
    found[State.CANCELED] = organizations_where([State.CANCELED]).distinct().count()
    return found


def _running() -> QuerySet[Subscription]:
    return Subscription.objects.exclude(state=State.CANCELED)
