"""The warm pool: schemas built ahead, so that a sign-up only renames one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

import tenancy
from core.clock import now
from core.ids import new_id, short_name
from tenants.models import WarmSchema
from tenants.provisioning import demand
from tenants.schema import replay
from tenants.schema.template import current

# Schemas that one task builds: sign-ups wait in the same queue, and none of them behind a whole pool.
BATCH = 2
HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pool:
    """The pool as it is. ``capped_until`` is set where it lacks schemas and the hour's cap forbids to build one."""

    ready: int
    outdated: int
    target: int
    busiest_ten_minutes: int
    built_last_hour: int
    taken_last_hour: int
    last_built_at: datetime | None
    oldest_built_at: datetime | None
    capped_until: datetime | None

    @property
    def missing(self) -> int:
        """How many are to be built now, within the hourly cap: a flood of sign-ups must not fill the disk."""
        room = settings.POOL_CAP - self.built_last_hour - self.taken_last_hour
        return max(0, min(self.target - self.ready, room))

    @property
    def state(self) -> str:
        """``full``, ``filling``, or ``capped`` until a schema of the last hour is an hour old."""
        if self.ready >= self.target:
            return "full"
        return "filling" if self.missing else "capped"


def look() -> Pool:
    """Return the pool as it is."""
    moment = now()
    sha256 = current().sha256
    built = list(WarmSchema.objects.order_by("built_at").values_list("template_sha256", "built_at"))
    fresh = [at for found, at in built if found == sha256]
    taken = demand.taken_since(moment - demand.LOOK_BACK)
    lately = sorted([at for _, at in built if at > moment - HOUR] + [at for at in taken if at > moment - HOUR])
    busiest, target = demand.busiest(taken), demand.target_of(taken)
    # Once this one is an hour old, there is room for one more.
    last_of_cap = lately[len(lately) - settings.POOL_CAP] if 0 < settings.POOL_CAP <= len(lately) else None
    return Pool(
        ready=len(fresh),
        outdated=len(built) - len(fresh),
        target=target,
        busiest_ten_minutes=busiest,
        built_last_hour=sum(at > moment - HOUR for _, at in built),
        taken_last_hour=sum(at > moment - HOUR for at in taken),
        last_built_at=built[-1][1] if built else None,
        oldest_built_at=fresh[0] if fresh else None,
        capped_until=last_of_cap + HOUR if last_of_cap and len(fresh) < target else None,
    )


def missing() -> int:
    """Return how many schemas are to be built now."""
    return look().missing


def refill() -> int:
    """Discard what an older template left and build a few of what the pool lacks; return how many were built."""
    discard_outdated()
    built = 0
    while built < BATCH and missing() > 0:
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
