"""Sealing in the background, and forgetting network addresses."""

from __future__ import annotations

from celery import shared_task
from django.db import IntegrityError

import tenancy
from apps.audit import sealing, services
from tenancy.tasks import TenantTask


@shared_task(base=TenantTask)
def seal() -> None:
    """Seal what is unsealed, and forget addresses that are too old. Safe to run twice, also at once."""
    try:
        sealing.seal(tenancy.current())
    except IntegrityError:
        return  # another worker has just sealed these
    services.forget_addresses()
