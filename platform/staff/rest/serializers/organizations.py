"""Shapes of organizations in the staff API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from billing.api import PLANS
from core.clock import iso
from staff.console import directory
from staff.console.page import Page
from staff.console.timeline import Moment
from staff.models import OrganizationNote, OrganizationStat, SavedView

STATES = (
    "requested", "provisioning", "active", "read_only", "suspended", "pending_deletion", "deleting", "deleted",
    "failed",
)  # fmt: skip
TONES = ("fine", "running", "look", "failed", "off")


class HealthOut(serializers.Serializer):
    """0..100, and what takes points off (empty where nothing does)."""

    score = serializers.IntegerField()
    words = serializers.CharField(allow_blank=True)
    reasons = serializers.ListField(child=serializers.CharField())


class OrganizationLine(serializers.Serializer):
    """An organization in the list. Figures are as of ``as_of``, null before the first count."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField(allow_blank=True)
    host = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    plan = serializers.CharField()
    cell = serializers.CharField()
    members = serializers.IntegerField()
    storage_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField(allow_null=True)
    film_minutes = serializers.IntegerField()
    last_seen_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    health = HealthOut()
    release = serializers.IntegerField(allow_null=True)
    queue_lag_seconds = serializers.IntegerField()
    as_of = serializers.DateTimeField(allow_null=True)


class Facets(serializers.Serializer):
    """How many organizations there are of each, over the whole fleet."""

    states = serializers.DictField(child=serializers.IntegerField())
    plans = serializers.DictField(child=serializers.IntegerField())
    payments = serializers.DictField(child=serializers.IntegerField())
    health = serializers.DictField(child=serializers.IntegerField())


class OrganizationPage(serializers.Serializer):
    """A page of the list. ``total`` counts what the filters find, ``current_release`` is the fleet's."""

    items = OrganizationLine(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField()
    current_release = serializers.IntegerField(allow_null=True)
    facets = Facets()


class ListQuery(serializers.Serializer):
    """What the list may be asked for. ``state``, ``plan`` and ``payment`` may stand several times, or hold commas."""

    q = serializers.CharField(max_length=254, required=False, default="", allow_blank=True)
    health = serializers.ChoiceField(choices=["", *directory.HEALTHS], required=False, default="")
    storage_over = serializers.IntegerField(min_value=0, required=False, default=None, allow_null=True)
    created_after = serializers.DateField(required=False, default=None, allow_null=True)
    created_before = serializers.DateField(required=False, default=None, allow_null=True)
    behind = serializers.BooleanField(required=False, default=False)
    order = serializers.CharField(max_length=20, required=False, default="-created")


class DomainOut(serializers.Serializer):
    """A host of the organization."""

    id = serializers.UUIDField()
    host = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    is_primary = serializers.BooleanField()
    created_at = serializers.DateTimeField()


class OrganizationFacts(serializers.Serializer):
    """What the organization is."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField(allow_blank=True)
    host = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    schema_name = serializers.CharField()
    cell = serializers.CharField()
    locale = serializers.CharField()
    zone = serializers.CharField()
    created_at = serializers.DateTimeField()
    delete_after = serializers.DateTimeField(allow_null=True)


class UsageOut(serializers.Serializer):
    """What it uses. ``minutes`` is how long its films run together."""

    storage_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField(allow_null=True)
    members = serializers.IntegerField()
    courses = serializers.IntegerField()
    enrollments = serializers.IntegerField()
    minutes = serializers.IntegerField()


class OwnerOut(serializers.Serializer):
    """An owner."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField()


class SchemaOut(serializers.Serializer):
    """Which release the organization's schema has, and which the fleet has. Null where there is none."""

    release = serializers.IntegerField(allow_null=True)
    current = serializers.IntegerField(allow_null=True)


class QueueOut(serializers.Serializer):
    """What waits for the organization."""

    pending = serializers.IntegerField()
    oldest_seconds = serializers.IntegerField()
    parked = serializers.IntegerField()


class FaultOut(serializers.Serializer):
    """Something that failed and still stands."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    words = serializers.CharField()
    reference = serializers.CharField()


class LifecycleChoice(serializers.Serializer):
    """An event that staff could cause; ``why_not`` says what stands against it."""

    event = serializers.CharField()
    to = serializers.ChoiceField(choices=STATES)
    allowed = serializers.BooleanField()
    why_not = serializers.CharField(allow_null=True)


class LifecycleOut(serializers.Serializer):
    """What may happen next."""

    events = LifecycleChoice(many=True)


class OrganizationOut(serializers.Serializer):
    """An organization's page. ``owners`` is null where its schema cannot be read (suspended, being made, gone)."""

    organization = OrganizationFacts()
    domains = DomainOut(many=True)
    plan = serializers.ChoiceField(choices=list(PLANS))
    plan_name = serializers.CharField()
    stripe_customer = serializers.CharField(allow_null=True)
    usage = UsageOut()
    owners = OwnerOut(many=True, allow_null=True)
    people_total = serializers.IntegerField()
    health = HealthOut()
    schema = SchemaOut()
    queue = QueueOut()
    errors = FaultOut(many=True)  # type: ignore[assignment]  # a field; the base class keeps its own
    flags = serializers.ListField(child=serializers.CharField())
    state_since = serializers.DateTimeField()
    lifecycle = LifecycleOut()
    as_of = serializers.DateTimeField()


class PersonOut(serializers.Serializer):
    """A member, as staff see them."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    roles = serializers.ListField(child=serializers.CharField())
    state = serializers.CharField()
    last_seen_on = serializers.DateField(allow_null=True)


class PeopleOut(serializers.Serializer):
    """The first fifty that fit."""

    items = PersonOut(many=True)


class MomentOut(serializers.Serializer):
    """A line of the timeline."""

    id = serializers.CharField()
    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=["lifecycle", "staff", "domain", "note"])
    tone = serializers.ChoiceField(choices=TONES)
    title = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class TimelineOut(serializers.Serializer):
    """The latest hundred, newest first."""

    items = MomentOut(many=True)


class NoteIn(serializers.Serializer):
    """A note."""

    body = serializers.CharField(max_length=8000)


class NoteOut(serializers.Serializer):
    """A note, and who wrote it."""

    id = serializers.UUIDField()
    author = serializers.CharField()
    body = serializers.CharField()
    created_at = serializers.DateTimeField()


class NotePage(serializers.Serializer):
    """Notes, newest first."""

    items = NoteOut(many=True)
    next = serializers.CharField(allow_null=True)


class SavedViewIn(serializers.Serializer):
    """A name, and the query string of the list without its question mark."""

    name = serializers.CharField(max_length=80)
    query = serializers.CharField(max_length=1000, allow_blank=True)


class SavedViewOut(SavedViewIn):
    """A saved view."""

    id = serializers.UUIDField()


class SavedViewList(serializers.Serializer):
    """One's own views by name."""

    items = SavedViewOut(many=True)


def health_out(row: OrganizationStat) -> dict[str, Any]:
    """Return an organization's health as :class:`HealthOut`."""
    return {"score": row.health_score, "words": (row.health_words or [""])[0], "reasons": row.health_words}


def line_out(row: OrganizationStat) -> dict[str, Any]:
    """Return a row of the list as :class:`OrganizationLine`."""
    organization = row.organization
    host: str = row.host  # type: ignore[attr-defined]  # annotated
    return {
        "id": str(organization.id),
        "name": organization.name,
        "slug": directory.slug_of(host),
        "host": host,
        "state": organization.state,
        "plan": row.plan,
        "cell": organization.cell,
        "members": row.members,
        "storage_bytes": row.storage_bytes,
        "limit_bytes": row.limit_bytes,
        "film_minutes": row.film_minutes,
        "last_seen_on": row.last_seen_on.isoformat() if row.last_seen_on else None,
        "created_at": iso(organization.created_at),
        "health": health_out(row),
        "release": row.release,
        "queue_lag_seconds": directory.lag_seconds(row),
        "as_of": iso(row.as_of) if row.as_of else None,
    }


def page_out(page: Page) -> dict[str, Any]:
    """Return an organization's page as :class:`OrganizationOut`."""
    card, row = page.card, page.figures
    return {
        "organization": {
            "id": str(card.id),
            "name": card.name,
            "slug": card.slug,
            "host": card.host,
            "state": card.state,
            "schema_name": card.schema_name,
            "cell": card.cell,
            "locale": card.locale,
            "zone": card.zone,
            "created_at": iso(card.created_at),
            "delete_after": iso(card.delete_after) if card.delete_after else None,
        },
        "domains": [
            {
                "id": str(found.id),
                "host": found.host,
                "kind": found.kind,
                "state": found.state,
                "is_primary": found.is_primary,
                "created_at": iso(found.created_at),
            }
            for found in page.domains
        ],
        "plan": row.plan,
        "plan_name": page.plan_name,
        "stripe_customer": page.stripe_customer,
        "usage": {
            "storage_bytes": row.storage_bytes,
            "limit_bytes": row.limit_bytes,
            "members": row.members,
            "courses": row.courses,
            "enrollments": row.enrollments,
            "minutes": row.film_minutes,
        },
        "owners": None
        if page.owners is None
        else [{"id": str(owner.member_id), "name": owner.name, "email": owner.email} for owner in page.owners],
        "people_total": row.members,
        "health": health_out(row),
        "schema": {"release": row.release, "current": page.current_release},
        "queue": {
            "pending": row.queue_pending,
            "oldest_seconds": directory.lag_seconds(row),
            "parked": row.parked,
        },
        "errors": [
            {"at": iso(fault.at), "kind": fault.kind, "words": fault.words, "reference": fault.reference}
            for fault in page.faults
        ],
        "flags": page.flags,
        "state_since": iso(card.state_since),
        "lifecycle": {
            "events": [
                {"event": one.event, "to": one.to, "allowed": one.why_not is None, "why_not": one.why_not}
                for one in page.choices
            ]
        },
        "as_of": iso(row.as_of) if row.as_of else None,
    }


def moment_out(moment: Moment) -> dict[str, Any]:
    """Return a line of the timeline as :class:`MomentOut`."""
    return {
        "id": moment.id,
        "at": iso(moment.at),
        "kind": moment.kind,
        "tone": moment.tone,
        "title": moment.title,
        "detail": moment.detail,
    }


def note_out(note: OrganizationNote) -> dict[str, Any]:
    """Return a note as :class:`NoteOut`."""
    return {"id": str(note.id), "author": note.author_name, "body": note.body, "created_at": iso(note.created_at)}


def view_out(view: SavedView) -> dict[str, Any]:
    """Return a saved view as :class:`SavedViewOut`."""
    return {"id": str(view.id), "name": view.name, "query": view.query}
