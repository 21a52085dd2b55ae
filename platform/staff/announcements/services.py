"""Making, changing and removing announcements, and which of them somebody sees."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

import tenancy
from billing import api as billing
from core.clock import now
from core.errors import NotFound, ValidationFailed
from staff import audit
from staff.models import Announcement
from tenants import api as tenants

SURFACES = ("learn", "studio", "staff")
# How long a process may go on showing what it read: a change reaches everybody within this.
KEPT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Shown:
    """An announcement as its readers get it."""

    id: UUID
    title: str
    body: str
    tone: str
    starts_at: datetime
    ends_at: datetime | None


def for_page(*, surface: str, organization_id: UUID | None, roles: Iterable[str]) -> list[Shown]:
    """Return what somebody with ``roles`` sees on ``surface`` now, newest first. Binds the platform where it must.

    Raises:
        BindingInsideTransaction: what is kept is too old, and a transaction is open.
    """
    moment, mine = now(), set(roles)
    plan: str | None = None
    found = []
    for row in _kept.rows():
        if surface not in row.surfaces or row.starts_at > moment or (row.ends_at and row.ends_at <= moment):
            continue
        if row.organizations and organization_id not in row.organizations:
            continue
        if row.roles and not mine & set(row.roles):
            continue
        if row.plans:
            if plan is None and organization_id is not None:
                with tenancy.platform():
                    plan = billing.plan_of(organization_id)
            if plan not in row.plans:
                continue
        found.append(Shown(row.id, row.title, row.body, row.tone, row.starts_at, row.ends_at))
    return found


class _Kept:
    """The announcements of now and soon, kept in the process for a few seconds."""

    def __init__(self) -> None:
        self._rows: list[Announcement] = []
        self._until = 0.0
        self._lock = threading.Lock()

    def rows(self) -> list[Announcement]:
        if time.monotonic() < self._until:
            return self._rows
        with self._lock:
            if time.monotonic() >= self._until:
                with tenancy.platform():
                    open_ones = Announcement.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()))
                    self._rows = list(open_ones.order_by("-starts_at", "-id"))
                self._until = time.monotonic() + KEPT_SECONDS
            return self._rows

    def forget(self) -> None:
        self._until = 0.0


_kept = _Kept()
forget = _kept.forget


def state_of(row: Announcement) -> str:
    """Return ``scheduled``, ``showing`` or ``ended``."""
    moment = now()
    if row.starts_at > moment:
        return "scheduled"
    return "ended" if row.ends_at and row.ends_at <= moment else "showing"


@transaction.atomic
def create(*, created_by: UUID, **fields: Any) -> Announcement:
    """Make an announcement.

    Raises:
        ValidationFailed: it ends before it starts, or is meant for an organization or a plan that there is not.
    """
    fields.setdefault("starts_at", now())
    row = Announcement(created_by=created_by, **fields)
    _check(row)
    row.save(force_insert=True)
    _record("announcement.created", row, {"title": [None, row.title], "surfaces": [[], list(row.surfaces)]})
    transaction.on_commit(forget)
    return row


@transaction.atomic
def change(announcement_id: UUID, **fields: Any) -> Announcement:
    """Change an announcement.

    Raises:
        NotFound: there is none. ValidationFailed: as :func:`create`.
    """
    row = _locked(announcement_id)
    changed = {name: value for name, value in fields.items() if getattr(row, name) != value}
    if not changed:
        return row
    for name, value in changed.items():
        setattr(row, name, value)
    _check(row)
    row.updated_at = now()
    row.save()
    _record("announcement.changed", row, {"fields": [None, sorted(changed)]})
    transaction.on_commit(forget)
    return row


@transaction.atomic
def remove(announcement_id: UUID) -> None:
    """Remove an announcement: nobody sees it any more.

    Raises:
        NotFound: there is none.
    """
    row = _locked(announcement_id)
    _record("announcement.removed", row, {"title": [row.title, None]})
    row.delete()
    transaction.on_commit(forget)


def _locked(announcement_id: UUID) -> Announcement:
    found = Announcement.objects.select_for_update().filter(id=announcement_id).first()
    if found is None:
        raise NotFound
    return found


def _check(row: Announcement) -> None:
    errors = {}
    if row.ends_at is not None and row.ends_at <= row.starts_at:
        errors["ends_at"] = "It has to end after it starts."
    if set(row.plans) - set(billing.PLANS):
        errors["audience"] = "There is no such plan."
    if len(tenants.organization_names(row.organizations)) != len(set(row.organizations)):
        errors["audience"] = "One of these organizations is not there."
    if errors:
        raise ValidationFailed(errors=errors)


def _record(action: str, row: Announcement, changes: dict[str, Any]) -> None:
    audit.record(action, object_type="announcement", object_id=row.id, changes=changes)
