"""Reading the audit: entries with their words, filtered as people ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.audit.catalogue import ACTS, Act
from apps.audit.models import AuditEntry, AuditPersonal, AuditSeal
from core.errors import NotFound

ERASED = "An erased person"
_KINDS = {"system": "The platform", "visitor": "Somebody not signed in", "staff": "Support", "member": ERASED}


@dataclass(frozen=True, slots=True)
class Change:
    """What became of one field; ``before`` is None where only one value was given."""

    field: str
    words: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Line:
    """One entry in words. ``sentence`` follows the actor's name."""

    entry: AuditEntry
    actor: str
    behalf: str | None
    label: str
    sentence: str
    group: str
    ip: str | None
    changes: Sequence[Change]


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for. ``person`` matches who acted, on whose behalf, and whom it was done to."""

    person: UUID | None = None
    group: str = ""
    object_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    support_only: bool = False

    def used(self) -> dict[str, str]:
        """Return the filters that are set, as text."""
        every = {
            "person": self.person,
            "group": self.group,
            "object": self.object_id,
            "since": self.since,
            "until": self.until,
            "support": self.support_only,
        }
        return {name: str(value) for name, value in every.items() if value}


def entries(filters: Filters) -> QuerySet[AuditEntry]:
    """Return the entries that match, in no order yet."""
    rows = AuditEntry.objects.all()
    if filters.person:
        who = Q(actor_id=filters.person) | Q(on_behalf_of=filters.person) | Q(object_id=filters.person)
        rows = rows.filter(who)
    if filters.group:
        rows = rows.filter(action__in=[action for action, act in ACTS.items() if act.group == filters.group])
    if filters.object_id:
        rows = rows.filter(object_id=filters.object_id)
    if filters.since:
        rows = rows.filter(at__gte=filters.since)
    if filters.until:
        rows = rows.filter(at__lt=filters.until)
    if filters.support_only:
        rows = rows.filter(Q(actor_kind="staff") | Q(support_grant__isnull=False) | Q(action__startswith="support."))
    return rows


def entry(entry_id: UUID) -> Line:
    """Return one entry in words.

    Raises:
        NotFound: there is none.
    """
    found = AuditEntry.objects.filter(id=entry_id).first()
    if found is None:
        raise NotFound
    return lines([found])[0]


def lines(found: Sequence[AuditEntry]) -> list[Line]:
    """Return entries in words, in the same order: two statements for all of them."""
    words: dict[UUID, dict[str, Any]] = {}
    for row in AuditPersonal.objects.filter(entry_id__in=[one.id for one in found]):
        words.setdefault(row.entry_id, {}).update(row.words)
    return [_line(one, words.get(one.id, {})) for one in found]


def in_batches(rows: QuerySet[AuditEntry], *, size: int) -> Iterator[list[Line]]:
    """Yield every entry of ``rows`` in words, newest first, ``size`` at a time; each batch is a query of its own."""
    after: AuditEntry | None = None
    while True:
        batch = rows
        if after is not None:
            batch = batch.filter(Q(at__lt=after.at) | Q(at=after.at, id__lt=after.id))
        found = list(batch.order_by("-at", "-id")[:size])
        if not found:
            return
        yield lines(found)
        after = found[-1]


def seal_state() -> dict[str, Any]:
    """Return how many entries there are, how many wait for a seal, and the newest seal."""
    newest = AuditSeal.objects.order_by("-no").first()
    return {
        "entries": AuditEntry.objects.count(),
        "unsealed": AuditEntry.objects.filter(seal_no=None).count(),
        "seal": newest,
    }


def _line(found: AuditEntry, words: dict[str, Any]) -> Line:
    act = ACTS.get(found.action) or Act(group="organization", words=_of_key(found.action))
    label = words.get("label") or found.object_label or (ERASED if found.object_type == "member" else "")
    return Line(
        entry=found,
        actor=words.get("actor") or _KINDS[found.actor_kind],
        behalf=(words.get("behalf") or ERASED) if found.on_behalf_of else None,
        label=label,
        sentence=_sentence(act, label),
        group=act.group,
        ip=words.get("ip"),
        changes=_changes(act, {**found.changes, **words.get("changes", {})}),
    )


def _sentence(act: Act, label: str) -> str:
    quoted = f"“{label}”" if label else act.unknown
    return " ".join(act.words.replace("{label}", quoted).replace("{name}", label or act.unknown).split())


def _changes(act: Act, changes: dict[str, Any]) -> list[Change]:
    return [Change(name, act.fields.get(name, name), *_both(value)) for name, value in sorted(changes.items())]


def _both(value: Any) -> tuple[Any, Any]:
    if isinstance(value, list) and len(value) == 2:
        return value[0], value[1]
    return None, value


def _of_key(action: str) -> str:
    """Say an act that the catalogue no longer knows."""
    parts: Iterable[str] = action.split(".")[1:]
    return " ".join(parts).replace("_", " ")
