"""An organization's timeline: its steps of life, what staff did, its hosts, and notes, in one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from staff.models import OrganizationNote, PlatformAuditEntry
from tenants import api as tenants

LIMIT = 100

_TONES = {"suspended": "look", "read_only": "look", "failed": "failed", "pending_deletion": "look", "deleted": "off"}
_STATES = {
    "requested": "Asked for",
    "provisioning": "Being set up",
    "active": "Active",
    "read_only": "Read-only",
    "suspended": "Suspended",
    "pending_deletion": "Waiting to be deleted",
    "deleting": "Being deleted",
    "deleted": "Deleted",
    "failed": "Set-up failed",
}
# Its way to another cell: what each step is called, and how it looks.
_MOVES = {
    "organization.move.asked": ("Move asked for", "off"),
    "organization.move.frozen": ("Changes wait: it is being moved", "running"),
    "organization.move.thawed": ("Changes are accepted again", "fine"),
    "organization.move.flipped": ("Moved", "fine"),
    "organization.move.aborted": ("Move given up", "look"),
    "organization.move.drop_asked": ("Removal of what it left here asked for", "off"),
    "organization.move.dropped": ("What it left here is removed", "off"),
}


@dataclass(frozen=True, slots=True)
class Moment:
    """One line. ``kind``: lifecycle, staff, domain or note; ``tone``: fine, running, look, failed or off."""

    id: str
    at: datetime
    kind: str
    tone: str
    title: str
    detail: str


def timeline(organization_id: UUID) -> list[Moment]:
    """Return the latest hundred moments, newest first. Platform only.

    Raises:
        UnknownOrganization: there is none.
    """
    tenants.organization_card(organization_id)
    history = tenants.organization_history(organization_id, limit=LIMIT)
    found = [
        Moment(
            id=f"lifecycle:{row.id}",
            at=row.at,
            kind="lifecycle",
            tone=_TONES.get(row.to_state, "fine"),
            title=_STATES.get(row.to_state, row.to_state),
            detail=_joined(_who(row.actor_kind, row.actor_name), row.reason, row.ticket),
        )
        for row in history
    ]
    found += [
        Moment(
            id=f"domain:{row.id}",
            at=row.created_at,
            kind="domain",
            tone="fine" if row.state in ("active", "redirecting") else "off",
            title=f"{row.host} added",
            detail=_joined(row.kind.replace("_", " ").capitalize(), f"now {row.state}"),
        )
        for row in tenants.organization_domains(organization_id)
    ]
    found += [
        Moment(f"note:{row.id}", row.created_at, "note", "off", f"Note of {row.author_name}", row.body)
        for row in OrganizationNote.objects.filter(organization_id=organization_id).order_by("-created_at")[:LIMIT]
    ]
    # Steps of life and notes have lines of their own above; the record names the same acts.
    told = {"organization.note_added", *(f"organization.{row.event}" for row in history)}
    acts = PlatformAuditEntry.objects.filter(organization_id=organization_id).exclude(action__in=told)
    found += [_told(row) for row in acts.order_by("-at", "-id")[:LIMIT]]
    return sorted(found, key=lambda moment: (moment.at, moment.id), reverse=True)[:LIMIT]


def _who(kind: str, name: str) -> str:
    if name:
        return name
    return {"member": "One of its members", "system": "The platform", "visitor": "Somebody signing up"}.get(kind, kind)


def _told(row: PlatformAuditEntry) -> Moment:
    title, tone = _MOVES.get(row.action) or (_act(row.action), "off")
    cells = row.changes.get("cell", []) if row.action in _MOVES else []
    who = _who(row.actor_kind, row.actor_name)
    detail = _joined(who, " to ".join(map(str, cells)), row.reason, row.ticket)
    return Moment(f"staff:{row.id}", row.at, "staff", tone, title, detail)


def _act(action: str) -> str:
    noun, _, verb = action.partition(".")
    return f"{noun} {verb}".replace("_", " ").strip().capitalize()


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
