"""The warm pool: schemas built ahead, so that a sign-up only renames one."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction

import tenancy
from core.clock import now
from core.ids import new_id, short_name
from tenants.models import SchemaLedger, WarmSchema
from tenants.schema import replay
from tenants.schema.template import current


def missing() -> int:
    """Return how many schemas the pool lacks, within the hourly cap: a flood of sign-ups must not fill the disk."""
    hour_ago = now() - timedelta(hours=1)
    ready = WarmSchema.objects.filter(template_sha256=current().sha256).count()
    built_lately = WarmSchema.objects.filter(built_at__gt=hour_ago).count()
    # A row with a ring is of an organization that was brought to another release: it took nothing from here.
    handed_out = SchemaLedger.objects.filter(finished_at__gt=hour_ago, ring="").count()
    return max(0, min(settings.POOL_TARGET - ready, settings.POOL_CAP - built_lately - handed_out))


def refill() -> int:
    """Build what the pool lacks and discard what an older template left; return how many were built."""
    discard_outdated()
    built = 0
    while missing() > 0:
        build_one()
        built += 1
    return built


def build_one() -> WarmSchema:
    """Build one warm schema in one transaction."""
    template = current()
    identity = short_name(new_id())
    with tenancy.schema_owner(), transaction.atomic():
        replay.create(connection, template, schema=f"pool_{identity}", role=f"r_pool_{identity}")
        return WarmSchema.objects.create(
            schema_name=f"pool_{identity}", db_role=f"r_pool_{identity}", template_sha256=template.sha256
        )


def discard_outdated() -> int:
    """Drop pool schemas of another template; return how many."""
    outdated = WarmSchema.objects.exclude(template_sha256=current().sha256)
    discarded = 0
    for identity in list(outdated.values_list("id", flat=True)):
        with tenancy.schema_owner(), transaction.atomic():
            found = WarmSchema.objects.select_for_update(skip_locked=True).filter(id=identity).first()
            if found is None:
                continue
            replay.drop(connection, schema=found.schema_name, role=found.db_role)
            found.delete()
            discarded += 1
    return discarded
