"""The organization's rows of shared tables: which go along, in which order, and how they are removed where it left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import ForeignKey
from psycopg2 import sql

from tenancy import wall
from tenancy.doors import shared_models
from tenancy.models import SharedModel
from tenants.models import Domain, LifecycleTransition, Organization

# What a cell keeps of an organization that lives elsewhere: who it is, where it is, under which hosts people ask for
# it, and its history, which nothing may delete.
_POINTER = (Organization, Domain, LifecycleTransition)
# A restore keeps what it replaced for a week, in a schema that stays behind and is dropped there.
#
# A distribution of CloudFront is one cell's: the organization arrives without a place, and the other cell's edge takes
# it in (media.edge.rows). The embedded edge is the same everywhere, so there films play on.
_OVERRIDES = {
    "tenants_restorejob": {"old_dropped_at": "COALESCE(old_dropped_at, now())"},
    "media_edgebinding": {"pool": "CASE WHEN pool = 'local' THEN pool ELSE '' END"},
}


@dataclass(frozen=True, slots=True)
class Shared:
    """One shared table of a move. ``where`` is SQL of ours, for rows of one organization."""

    table: str
    where: str
    is_pointer: bool
    overrides: dict[str, str]


def moving(organization_id: UUID) -> list[Shared]:
    """Return the shared tables that move, each behind the tables that it points at."""
    found = []
    for model in _parents_first([model for model in shared_models() if model.moves]):
        column = "id" if model is Organization else "organization_id"
        table = model._meta.db_table
        found.append(
            Shared(
                table,
                f"{column} = '{organization_id}' AND ({model.moves})",
                model in _POINTER,
                _OVERRIDES.get(table, {}),
            )
        )
    return found


def undeclared() -> list[str]:
    """Return tables of organizations that say neither that their rows move nor why they stay."""
    return [
        model._meta.db_table
        for model in shared_models()
        if (wall.has_organization(model) or model is Organization) and bool(model.moves) == bool(model.stays)
    ]


def strip(cursor: Any, organization_id: UUID) -> int:
    """Remove the organization's shared rows but for the pointer, in the caller's transaction; return how many.

    The cursor is of either cell, as its owning login. The organization's row stays frozen: nothing new is written here.
    """
    removed = 0
    cursor.execute(
        "UPDATE public.tenants_organization o SET frozen_at = NULL FROM public.tenants_organization before"
        " WHERE o.id = %s AND before.id = o.id RETURNING before.frozen_at",
        [str(organization_id)],
    )
    row = cursor.fetchone()
    # Files of archives that never became whole hang on jobs that did not move.
    cursor.execute(
        "DELETE FROM public.tenants_exportentry WHERE job_id IN"
        " (SELECT id FROM public.tenants_exportjob WHERE organization_id = %s)",
        [str(organization_id)],
    )
    for found in reversed(moving(organization_id)):
        if not found.is_pointer:
            statement = sql.SQL("DELETE FROM {} WHERE organization_id = %s").format(
                sql.Identifier("public", found.table)
            )
            cursor.execute(statement, [str(organization_id)])
            removed += cursor.rowcount
    cursor.execute(
        "UPDATE public.tenants_organization SET frozen_at = %s WHERE id = %s",
        [row[0] if row else None, str(organization_id)],
    )
    return removed


def _parents_first(models: list[type[SharedModel]]) -> list[type[SharedModel]]:
    ordered: list[type[SharedModel]] = []
    left = list(models)
    while left:
        free = [model for model in left if not (_parents(model) & set(left) - {model})]
        ordered += free
        left = [model for model in left if model not in free]
    return ordered


def _parents(model: type[SharedModel]) -> set[Any]:
    return {field.remote_field.model for field in model._meta.concrete_fields if isinstance(field, ForeignKey)}
