"""Reads."""

from __future__ import annotations

import tenancy
from billing.dto import Usage
from billing.errors import UnknownMeter
from billing.models import Quota


def usage(meter: str) -> Usage:
    """The bound organization's use of one meter.

    Raises:
        UnknownMeter: it has none.
    """
    row = Quota.objects.filter(organization_id=tenancy.current().id, meter=meter).first()
    if row is None:
        raise UnknownMeter(meter)
    return Usage(meter, row.used, row.reserved, row.plan_limit)
