"""Drift: schemas that are not what the template of their release makes.

Somebody changed one by hand, or an old statement went wrong in it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from django.db import connection, transaction

import tenancy
from core.clock import now
from core.ids import new_id, short_name
from tenants.fleet import ledger
from tenants.models import DriftCheck, Organization, SchemaDrift
from tenants.schema import fingerprint, releases, replay
from tenants.schema.template import Template

_AT_ONCE = 50
_MOST_LINES = 50


@dataclass(slots=True)
class Found:
    """What a look found. ``unknown`` are on a release whose template this code does not hold."""

    checked: int = 0
    unknown: int = 0
    drifted: dict[UUID, list[str]] = field(default_factory=dict)
    releases: dict[UUID, int] = field(default_factory=dict)
    duration_ms: int = 0


def look(organization_ids: Sequence[UUID] | None = None) -> Found:
    """Compare these organizations, or all that have a schema. Runs as the owning login; changes nothing."""
    began, found = time.monotonic(), Found()
    wanted = Organization.objects.here().filter(state__in=ledger.WITH_SCHEMA)
    if organization_ids is not None:
        wanted = wanted.filter(id__in=organization_ids)
    schemas = {row[0]: fingerprint.Schema(*row[1:]) for row in wanted.values_list("id", "schema_name", "db_role")}
    found.releases = ledger.releases_of(schemas)
    asked = list(schemas.items())
    for start in range(0, len(asked), _AT_ONCE):
        group = asked[start : start + _AT_ONCE]
        hashes = fingerprint.hashes(connection, [schema for _, schema in group])
        for organization_id, schema in group:
            template = releases.template_of(found.releases.get(organization_id, 0))
            if template is None:
                found.unknown += 1
                continue
            found.checked += 1
            expected_hash, expected = _expected(template)
            if hashes.get(schema.name) != expected_hash:
                things = fingerprint.things(connection, schema)
                found.drifted[organization_id] = fingerprint.differences(expected, things)[:_MOST_LINES]
    found.duration_ms = int((time.monotonic() - began) * 1000)
    return found


def check() -> Found:
    """Look at every organization and write down what was found. What looks well again is forgotten."""
    with tenancy.schema_owner():
        found = look()
        with transaction.atomic():
            for organization_id, lines in found.drifted.items():
                fixed = {"release": found.releases[organization_id], "differences": lines, "seen_at": now()}
                SchemaDrift.objects.update_or_create(organization_id=organization_id, defaults=fixed)
            SchemaDrift.objects.exclude(organization_id__in=found.drifted).delete()
            DriftCheck.objects.create(
                checked=found.checked,
                drifted=len(found.drifted),
                unknown=found.unknown,
                duration_ms=found.duration_ms,
            )
    return found


@lru_cache(maxsize=4)
def _expected(template: Template) -> tuple[str, dict[str, str]]:
    """Return what the template makes: replayed where nobody sees it, and undone."""
    name = short_name(new_id())
    made = fingerprint.Schema(f"drift_{name}", f"r_drift_{name}")
    with transaction.atomic():
        replay.create(connection, template, schema=made.name, role=made.role)
        expected = fingerprint.hashes(connection, [made])[made.name], fingerprint.things(connection, made)
        transaction.set_rollback(True)
    return expected
