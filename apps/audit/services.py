"""Write an entry, and the limits that keep refusals from flooding the audit."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction

from apps.audit import digests
from apps.audit.catalogue import ACTS, Act
from apps.audit.models import AuditEntry, AuditPersonal
from core import acting
from core.acting import Acting
from core.clock import now
from tenancy.tasks import named

_log = logging.getLogger(__name__)

# A label or a value longer than this is cut: the audit names things, it does not keep copies of them.
LONGEST_TEXT = 500
SEAL_SECONDS = 10
ADDRESS_LIFE = timedelta(days=90)
_UNKNOWN = Act(group="organization", words="did something")


class RecordedOutsideTransaction(RuntimeError):
    """An act and its entry must commit together."""


def record(
    action: str,
    *,
    object_type: str = "",
    object_id: UUID | None = None,
    label: str | None = None,
    changes: Mapping[str, Any] | None = None,
    who: Acting | None = None,
    at: datetime | None = None,
) -> UUID:
    """Write what whoever acts (``core.acting``) just did to the bound organization's audit; return the entry's id.

    ``changes`` maps a field to ``[before, after]`` (or to one value): only fields that the catalogue lists for
    ``action`` are kept. The label of a member is a personal word and goes when the member is erased. ``who`` and ``at``
    stand in for the current actor and moment where the act reaches the organization later.

    Raises:
        RecordedOutsideTransaction: no transaction is open.
        tenancy.NoTenantBound: no organization is bound.
    """
    if not connection.in_atomic_block:
        raise RecordedOutsideTransaction(action)
    who = who or acting.current()
    act = ACTS.get(action)
    if act is None:
        _log.error("audit.unknown_action", extra={"action": action})
        act = _UNKNOWN
    kept, personal_changes = _allowed(action, act, changes or {})
    on_person = object_type == "member"
    entry = AuditEntry(
        at=at or now(),
        action=action,
        actor_kind=who.kind,
        actor_id=who.id,
        on_behalf_of=who.on_behalf_of,
        support_grant=who.support_grant,
        object_type=object_type,
        object_id=object_id,
        object_label="" if on_person else _cut(label or ""),
        changes=kept,
        request_id=who.request_id,
        via=who.via,
    )
    words: dict[UUID | None, dict[str, Any]] = {}
    _say(words, who.id, "actor", who.name)
    _say(words, who.on_behalf_of, "behalf", who.on_behalf_name)
    if on_person:
        _say(words, object_id, "label", _cut(label or (who.name if object_id == who.id else "")))
    _say(words, object_id if on_person else who.id, "changes", personal_changes)
    rows = [
        AuditPersonal(entry_id=entry.id, at=entry.at, subject_id=subject, kind=AuditPersonal.Kind.WORDS, words=said)
        for subject, said in words.items()
    ]
    if who.ip:
        rows.append(
            AuditPersonal(
                entry_id=entry.id,
                at=entry.at,
                subject_id=who.id,
                kind=AuditPersonal.Kind.ADDRESS,
                words={"ip": who.ip},
            )
        )
    entry.personal = {str(row.id): digests.of_personal(row) for row in rows}
    entry.digest = digests.of_entry(entry)
    AuditEntry.objects.bulk_create([entry])
    AuditPersonal.objects.bulk_create(rows)
    transaction.on_commit(_ask_for_seal, robust=True)
    return entry.id


def _ask_for_seal() -> None:
    """Have the entries of the next seconds sealed together: one task for all of them."""
    if cache.add("audit:seal", 1, SEAL_SECONDS):
        named("apps.audit.tasks.seal").apply_async(countdown=SEAL_SECONDS)


def erase_words(member_id: UUID) -> int:
    """Delete every personal word about a member, names and addresses alike; return how many rows went.

    The entries stay, say that the words were erased, and their seals stay whole.
    """
    return AuditPersonal.objects.filter(subject_id=member_id).delete()[0]


def forget_addresses() -> int:
    """Delete network addresses that are older than 90 days; return how many went. Entries and seals stay whole."""
    old = AuditPersonal.objects.filter(kind=AuditPersonal.Kind.ADDRESS, at__lt=now() - ADDRESS_LIFE)
    return old.delete()[0]


def _say(words: dict[UUID | None, dict[str, Any]], subject: UUID | None, field: str, said: Any) -> None:
    if said:
        words.setdefault(subject, {})[field] = said


def _allowed(action: str, act: Act, changes: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what of ``changes`` is kept in the entry, and what beside it because it is personal."""
    kept: dict[str, Any] = {}
    personal: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in act.fields:
            _log.warning("audit.field_not_listed", extra={"action": action, "field": name})
            continue
        (personal if name in act.personal else kept)[name] = _plain(value)
    return kept, personal


def _plain(value: Any) -> Any:
    """Return ``value`` as JSON keeps it, so that what is digested now is what is read later."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(inner) for inner in value)
    if value is None or isinstance(value, bool | int):
        return value
    return _cut(str(value))


def _cut(text: str) -> str:
    # PostgreSQL's text and JSON hold everything but NUL.
    clean = text.replace("\x00", "")
    return clean if len(clean) <= LONGEST_TEXT else clean[: LONGEST_TEXT - 1] + "…"
