"""Who comes when: one in a hundred first, then a tenth of the fleet, then everybody."""

from __future__ import annotations

import hashlib
from uuid import UUID

from django.conf import settings
from django.db.models import Count

from tenants.fleet import ledger
from tenants.models import Domain, Organization, SchemaLedger, SchemaRelease

Ring = SchemaRelease.Ring
State = SchemaLedger.State
RINGS = (Ring.CANARY, Ring.TENTH, Ring.ALL)
_UNDER_WAY = (State.PENDING, State.RUNNING, State.FAILED)


def behind(release: int) -> list[UUID]:
    """Return the organizations that have a schema, and an older one than ``release``."""
    wanted = Organization.objects.here().filter(state__in=ledger.WITH_SCHEMA).values_list("id", flat=True)
    have = ledger.releases_of(wanted)
    return [organization_id for organization_id, number in have.items() if number < release]


def plan(release: int) -> int:
    """Write a row for every organization that is behind and has none under way; return how many were written.

    The rings are drawn once. Whoever is found behind later, made or restored by older code, comes last.
    """
    rows = SchemaLedger.objects.filter(release_id=release)
    known = set(rows.filter(state__in=_UNDER_WAY).values_list("organization_id", flat=True))
    new = [organization_id for organization_id in behind(release) if organization_id not in known]
    begun = rows.exclude(ring="").exists()
    drawn = dict.fromkeys(new, Ring.ALL) if begun else draw(release, new)
    SchemaLedger.objects.bulk_create(
        [
            SchemaLedger(organization_id=found, release_id=release, state=State.PENDING, ring=ring, finished_at=None)
            for found, ring in drawn.items()
        ],
        batch_size=500,
        update_conflicts=True,
        unique_fields=["organization", "release"],
        update_fields=["state", "ring", "attempt", "error", "run_at", "started_at", "finished_at"],
    )
    return len(new)


def draw(release: int, organization_ids: list[UUID]) -> dict[UUID, Ring]:
    """Return the ring of each organization: another draw for each release, the same one however often it is asked.

    The canaries are those that ``LMS_FLEET_CANARIES`` names, or else one in a hundred, at least one, preferably ones
    whose people are let in: a canary that nobody uses sings to nobody.
    """
    serving = set(
        Organization.objects.filter(state=Organization.State.ACTIVE, id__in=organization_ids).values_list(
            "id", flat=True
        )
    )
    shuffled = sorted(
        organization_ids,
        key=lambda found: (found not in serving, hashlib.sha256(f"{release}:{found}".encode()).digest()),
    )
    named = _named_canaries() & set(organization_ids)
    canaries = [found for found in shuffled if found in named] or shuffled[: max(1, len(shuffled) // 100)]
    rest = [found for found in shuffled if found not in set(canaries)]
    tenth = len(organization_ids) // 10
    return {
        **dict.fromkeys(canaries, Ring.CANARY),
        **dict.fromkeys(rest[:tenth], Ring.TENTH),
        **dict.fromkeys(rest[tenth:], Ring.ALL),
    }


def budget(ring: str, size: int, permille: int) -> int:
    """Return how many organizations of a ring may fail before everything stops. Of the canaries, none.

    Of every other ring one may, however small it is: one organization must not hold up the others.
    """
    return 0 if ring == Ring.CANARY else max(1, size * permille // 1000)


def counts(release: int) -> dict[tuple[str, str], int]:
    """Return how many organizations each ring has in each state."""
    rows = SchemaLedger.objects.filter(release_id=release).exclude(ring="")
    return {(ring, state): n for ring, state, n in rows.values_list("ring", "state").annotate(n=Count("id"))}


def _named_canaries() -> set[UUID]:
    hosts = [name for name in settings.FLEET_CANARIES if name]
    return set(Domain.objects.filter(host__in=hosts).values_list("organization_id", flat=True))
