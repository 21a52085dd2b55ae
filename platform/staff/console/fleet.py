"""The fleet at a glance: how many of what, what waits, what failed. Platform only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Avg, Count, Q, Sum

from billing import api as billing
from core.jobs import job_sources
from events import api as events
from media import api as media
from staff.models import OrganizationStat
from tenants import api as tenants

_LARGEST = 10
_ERRORS = 12
_DAYS = 30
QUEUES = ("default", "events", "media", "provisioning")
PAUSED = ("suspended", "pending_deletion")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue of the workers. ``pending`` is None where the broker does not answer."""

    name: str
    pending: int | None
    oldest_seconds: int


@dataclass(frozen=True, slots=True)
class FleetError:
    """A job that failed, and whose it is."""

    at: Any
    kind: str
    words: str
    organization_id: UUID | None
    organization_name: str | None


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the overview shows."""

    by_state: dict[str, int]
    total: int
    sign_ups: list[tuple[date, int]]
    releases: list[tuple[int, int]]
    current_release: int | None
    queues: list[Queue]
    outbox: events.Backlog
    storage_bytes: int
    transcodes: media.Transcodes
    largest: list[OrganizationStat]
    members: int
    film_minutes: int
    unwell: int
    health: int
    errors: list[FleetError]


def fleet() -> Fleet:
    """Return the fleet as it is now; what comes from figures is as old as these (a few minutes at most)."""
    states = tenants.state_counts()
    paused = OrganizationStat.objects.filter(organization__state__in=PAUSED).values_list("organization_id", flat=True)
    outbox, conversions = events.backlog(but=paused), media.transcodes()
    sums = OrganizationStat.objects.exclude(organization__state="deleted").aggregate(
        members=Sum("members"),
        minutes=Sum("film_minutes"),
        health=Avg("health_score"),
        unwell=Count("organization_id", filter=Q(health_score__lt=100)),
    )
    largest = OrganizationStat.objects.select_related("organization").exclude(organization__state="deleted")
    return Fleet(
        by_state=states,
        total=sum(states.values()),
        sign_ups=tenants.sign_ups_per_day(_DAYS),
        releases=tenants.release_counts(),
        current_release=tenants.current_release(),
        queues=[*_queues(conversions.oldest_seconds), Queue("outbox", outbox.pending, outbox.lag_seconds)],
        outbox=outbox,
        storage_bytes=billing.used_in_all(billing.STORAGE_BYTES),
        transcodes=conversions,
        largest=list(largest.order_by("-storage_bytes", "-members", "organization_id")[:_LARGEST]),
        members=sums["members"] or 0,
        film_minutes=sums["minutes"] or 0,
        unwell=sums["unwell"],
        health=round(sums["health"] if sums["health"] is not None else 100),
        errors=_errors(),
    )


def _queues(media_oldest_seconds: int) -> list[Queue]:
    """The broker's lists. Only the rows of jobs know how long they have waited; the broker's messages do not."""
    lengths: Sequence[int | None] = events.queue_lengths(QUEUES) or [None] * len(QUEUES)
    return [
        Queue(name, length, media_oldest_seconds if name == "media" else 0)
        for name, length in zip(QUEUES, lengths, strict=True)
    ]


def _errors() -> list[FleetError]:
    lines = [
        line
        for source in job_sources().values()
        for line in source.lines(state="failed", organization_id=None, limit=_ERRORS)
    ]
    lines = sorted(lines, key=lambda line: line.updated_at, reverse=True)[:_ERRORS]
    names = tenants.organization_names(line.organization_id for line in lines)
    return [
        FleetError(
            at=line.updated_at,
            kind=line.kind,
            words=line.error or line.subject,
            organization_id=line.organization_id,
            organization_name=names.get(line.organization_id) if line.organization_id else None,
        )
        for line in lines
    ]
