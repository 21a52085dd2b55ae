"""Owners are told when a meter reaches 70, 90 and 100 percent of what they have: each once a period."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.utils.module_loading import import_string
from django_tenants.utils import get_tenant_model

import tenancy
from billing.features import DELIVERED_BYTES, METERS, STORAGE_BYTES
from billing.models import BillingAccount, Quota, Subscription, UsageAlert
from billing.usage import words
from billing.usage.caps import SPARE_PERCENT
from core import mail
from core.clock import now
from core.errors import NotFound
from events.api import queue_mail_for
from tenancy.errors import TenantUnavailable
from tenants.api import load_organization

_log = logging.getLogger(__name__)

# Seats and domains are bought to be used up; taking one says how many are left, so no mail need.
ALERTED = (STORAGE_BYTES, *METERS)
PERCENTS = (70, 90, 100)
# Said again only after use fell this far below: a gauge at the mark must not write every hour.
_SETTLED_PERCENT = 5
_A_RUN = 50
# Gauges don't begin anew: their marks have one period without end.
GAUGES_PERIOD = date(1970, 1, 1)


def find() -> int:
    """Note every mark that was reached and not noted before; return how many. Platform only.

    One statement over all organizations, which visits no schema. Of two that run at once one notes, and only that one's
    row exists to be told.
    """
    values: dict[str, Any] = {
        "meters": list(ALERTED),
        "percents": [*PERCENTS, 100 + SPARE_PERCENT],
        "delivered": DELIVERED_BYTES,
        "now": now(),
        "cell": settings.CELL,
        "settled": _SETTLED_PERCENT,
        "gauges": GAUGES_PERIOD,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        # After more was bought or something was deleted, the same mark is another one.
        cursor.execute(_FORGET, values)
        cursor.execute(_FIND.format(organizations=get_tenant_model()._meta.db_table), values)
        return int(cursor.rowcount)


def tell() -> int:
    """Write the mails of marks that nobody was told of yet; return how many organizations were. Platform only."""
    waiting = UsageAlert.objects.filter(told_at__isnull=True).order_by("organization_id")
    told = 0
    for organization_id in list(waiting.values_list("organization_id", flat=True).distinct()[:_A_RUN]):
        told += _tell(organization_id)
    return told


def _tell(organization_id: UUID) -> bool:
    try:
        record = load_organization(organization_id)
        with tenancy.bind(record):
            owners = [owner.email for owner in import_string(settings.OWNER_CONTACTS)()]
    except (NotFound, TenantUnavailable):
        return False  # closed or on its way: what it has reached is told when it can be
    with tenancy.platform(), transaction.atomic():
        account = BillingAccount.objects.filter(organization_id=organization_id).first()
        rows = UsageAlert.objects.select_for_update(skip_locked=True).filter(
            organization_id=organization_id, told_at__isnull=True
        )
        reached: dict[str, UsageAlert] = {}
        for row in rows.order_by("percent"):
            reached[row.meter] = row  # of several marks passed at once the highest says it all
        quotas = {row.meter: row for row in Quota.objects.filter(organization_id=organization_id, meter__in=reached)}
        subscription = (
            Subscription.objects.select_related("version")
            .filter(organization_id=organization_id)
            .exclude(state=Subscription.State.CANCELED)
            .first()
        )
        addresses = list(dict.fromkeys([*owners, *(account.contacts if account else [])]))
        for meter, alert in reached.items():
            quota = quotas.get(meter)
            if quota is None or (quota.period is not None and quota.period != alert.period):
                continue  # its month is over: news of it would be about nothing that can be changed
            letter: dict[str, Any] = words.letter(record.name, record.host, alert.percent, quota, subscription)
            for address in addresses:
                queue_mail_for(record.id, record.generation, mail.compose(to=address, **letter))
        UsageAlert.objects.filter(id__in=[row.id for row in rows]).update(told_at=now())
    if reached:
        _log.info("usage.told", extra={"organization_id": str(organization_id), "meters": sorted(reached)})
    return bool(reached)


_FORGET = """
DELETE FROM billing_usagealert a USING billing_quota q
WHERE q.organization_id = a.organization_id AND q.meter = a.meter AND a.period = coalesce(q.period, %(gauges)s)
  AND (q.plan_limit IS NULL OR q.used::numeric * 100 < q.plan_limit::numeric * (a.percent - %(settled)s))
"""
_FIND = """
INSERT INTO billing_usagealert (id, organization_id, meter, percent, period, reached_at)
SELECT gen_random_uuid(), q.organization_id, q.meter, mark.percent, coalesce(q.period, %(gauges)s), %(now)s
FROM billing_quota q
JOIN {organizations} o ON o.id = q.organization_id AND o.state IN ('active', 'read_only')
  AND o.cell = %(cell)s AND o.frozen_at IS NULL
CROSS JOIN unnest(%(percents)s::int[]) AS mark (percent)
WHERE q.meter = ANY (%(meters)s) AND q.plan_limit > 0
  AND q.used::numeric * 100 >= q.plan_limit::numeric * mark.percent
  AND (mark.percent <= 100 OR (q.meter = %(delivered)s AND NOT q.overage))
ON CONFLICT DO NOTHING
"""
