"""Which release each organization has: the one whose ``done`` row was finished last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Max, QuerySet

from core.clock import now
from tenants.models import Organization, SchemaLedger, SchemaRelease
from tenants.schema import releases
from tenants.schema.template import current

# The states in which an organization has a schema that its people, or its staff, come back to.
WITH_SCHEMA = (
    Organization.State.ACTIVE,
    Organization.State.READ_ONLY,
    Organization.State.SUSPENDED,
    Organization.State.PENDING_DELETION,
)


def releases_of(organization_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return the schema release of each organization; those without a schema are left out."""
    rows = _latest(SchemaLedger.objects.filter(organization_id__in=list(organization_ids)))
    return dict(rows.values_list("organization_id", "release_id"))


def release_of(organization_id: UUID) -> int:
    """Return the organization's schema release.

    Raises:
        LookupError: it has no schema.
    """
    found = releases_of([organization_id]).get(organization_id)
    if found is None:
        raise LookupError(f"{organization_id} has no schema")
    return found


def release_counts() -> list[tuple[int, int]]:
    """Return (release, organizations on it), newest first, over organizations that have a schema."""
    wanted = Organization.objects.here().filter(state__in=WITH_SCHEMA)
    rows = _latest(SchemaLedger.objects.all()).filter(organization__in=wanted)
    return sorted(Counter(rows.values_list("release_id", flat=True)).items(), reverse=True)


def has(organization_id: UUID, release: int) -> None:
    """Note that the organization's schema is now of this release, whatever it was before."""
    done: dict[str, Any] = {"state": SchemaLedger.State.DONE, "finished_at": now(), "run_at": None, "error": ""}
    if not SchemaLedger.objects.filter(organization_id=organization_id, release_id=release).update(**done):
        SchemaLedger.objects.create(organization_id=organization_id, release_id=release, **done)


def why_not_served() -> str:
    """Return why the code of this release must not serve this database; "" where it may.

    It knows its own release and the one before. A newer one says itself whether older code can live with it.
    """
    code = current().release
    oldest = min((number for number, _ in release_counts()), default=code)
    if oldest < code - 1:
        return (
            f"This code serves the schema releases {code - 1} and {code}; an organization is on {oldest}."
            " Finish migrate_fleet first."
        )
    begun = SchemaRelease.objects.exclude(state=SchemaRelease.State.WAITING)
    needed = begun.aggregate(needed=Max("min_code"))["needed"] or 0
    if needed > code:
        return f"A schema release is out that needs the code of release {needed} or later; this is {code}."
    return ""


def record_releases() -> None:
    """Write down the releases that this code knows. One that has just come waits until it is sent out.

    Raises:
        tenants.schema.releases.BrokenRelease: the committed template is not where the newest release ends.
    """
    template, hashes = current(), releases.hashes()
    if hashes[template.release] != template.sha256:
        raise releases.BrokenRelease(
            f"The template is not where release {template.release} ends: run `make release NAME=...` and review it."
        )
    nobody = not SchemaLedger.objects.exists()
    for number, sha256 in hashes.items():
        found = releases.find(number)
        fixed = {
            "template_sha256": sha256,
            "name": found.name if found else "first",
            "sql_sha256": found.sql_sha256 if found else "",
            "min_code": found.min_code if found else 1,
        }
        is_done = nobody or number < template.release
        state = SchemaRelease.State.DONE if is_done else SchemaRelease.State.WAITING
        SchemaRelease.objects.update_or_create(number=number, defaults=fixed, create_defaults={**fixed, "state": state})


def _latest(of: QuerySet[SchemaLedger]) -> QuerySet[SchemaLedger]:
    """One row an organization. Which ones is said in ``of``: afterwards, the whole fleet would be sorted first."""
    rows = of.filter(state=SchemaLedger.State.DONE)
    newest = rows.order_by("organization_id", "-finished_at", "-release_id").distinct("organization_id")
    return SchemaLedger.objects.filter(pk__in=newest.values("pk"))
