"""From trial to paid, by the month in which the trial began."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from django.db.models import Min

from billing.finance.months import months_before
from billing.ledger import Kind
from billing.models import MrrMovement, Subscription
from core.clock import now

_WHOLE = 10_000


@dataclass(frozen=True, slots=True)
class Cohort:
    """Organizations whose trial began in one month (UTC). Each is in one of converted, trying, given and lapsed."""

    month: date
    started: int
    converted: int
    still_trying: int
    # Those that have a plan without charge: nobody knows yet whether they would have paid.
    given: int
    lapsed: int
    # The time it took half of those who converted, None where nobody did.
    median_days: int | None

    @property
    def conversion(self) -> int | None:
        """Hundredths of a percent of those who began that pay or have paid."""
        return round(self.converted * _WHOLE / self.started) if self.started else None


def cohorts(*, months: int = 13) -> list[Cohort]:
    """Return the last ``months`` months with a trial, newest first.

    Converted is whoever ever brought money, though they may have left since: that is churn. A plan that was given is
    no conversion, and whoever began with one is in no cohort. The trial's row becomes the paid one, so it is the first
    row of an organization that says when it began.
    """
    firsts = Subscription.objects.order_by("organization_id", "started_at", "id").distinct("organization_id")
    began = {first.organization_id: first.started_at for first in firsts if not first.is_comp}
    paid = dict(
        MrrMovement.objects.filter(kind=Kind.NEW).values_list("organization_id").annotate(at=Min("at")).order_by()
    )
    on_trial = Subscription.objects.filter(state=Subscription.State.TRIALING, is_comp=False)
    trying = set(on_trial.values_list("organization_id", flat=True))
    # A gift that is over, and shut, was no conversion and lets nobody try any more.
    over = (Subscription.State.CANCELED, Subscription.State.READ_ONLY)
    gifts = Subscription.objects.filter(is_comp=True).exclude(state__in=over)
    given = set(gifts.values_list("organization_id", flat=True))
    by_month: dict[date, list[UUID]] = defaultdict(list)
    for organization_id, at in began.items():
        by_month[at.astimezone(UTC).date().replace(day=1)].append(organization_id)
    oldest = months_before(max([now().date().replace(day=1), *by_month]), months - 1)
    return [
        _cohort(month, by_month[month], began, paid, trying, given)
        for month in sorted(by_month, reverse=True)
        if month >= oldest
    ]


def _cohort(
    month: date,
    members: list[UUID],
    began: dict[UUID, datetime],
    paid: dict[UUID, datetime],
    trying: set[UUID],
    given: set[UUID],
) -> Cohort:
    converted = [found for found in members if found in paid]
    waits = sorted(max(paid[found] - began[found], timedelta()) for found in converted)
    still = sum(found in trying for found in members if found not in paid)
    gifts = sum(found in given for found in members if found not in paid)
    return Cohort(
        month=month,
        started=len(members),
        converted=len(converted),
        still_trying=still,
        given=gifts,
        lapsed=len(members) - len(converted) - still - gifts,
        median_days=waits[(len(waits) - 1) // 2].days if waits else None,
    )
