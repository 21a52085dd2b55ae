"""Shapes of jobs, flags, announcements, the fleet and the audit."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from core.clock import iso
from core.jobs import JOB_STATES, JobLine
from staff.announcements import services as announcements
from staff.console.fleet import Fleet
from staff.flags import services as flags
from staff.models import Announcement, FeatureFlag, FlagRule, PlatformAuditEntry


class JobOut(serializers.Serializer):
    """A job. ``progress_permille`` is null where it is not known."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the field's
    id = serializers.UUIDField()
    organization_id = serializers.UUIDField(allow_null=True)
    organization_name = serializers.CharField(allow_null=True)
    state = serializers.ChoiceField(choices=JOB_STATES)
    progress_permille = serializers.IntegerField(allow_null=True)
    subject = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_null=True)
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    can_retry = serializers.BooleanField()
    can_cancel = serializers.BooleanField()


class JobKind(serializers.Serializer):
    """A kind of job that there is."""

    kind = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the field's


class JobList(serializers.Serializer):
    """The newest two hundred of what was asked for."""

    items = JobOut(many=True)
    kinds = JobKind(many=True)


class JobQuery(serializers.Serializer):
    """Which jobs."""

    kind = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    state = serializers.ChoiceField(choices=["", *JOB_STATES], required=False, default="")
    organization = serializers.UUIDField(required=False, default=None, allow_null=True)


class ActIn(serializers.Serializer):
    """Why, and the ticket if there is one."""

    reason = serializers.CharField(max_length=2000)
    ticket = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)


class FlagRuleIO(serializers.Serializer):
    """A reason to have a feature: one organization's id, a plan's key, or a share in a thousand."""

    kind = serializers.ChoiceField(choices=FlagRule.Kind.choices)
    value = serializers.CharField(max_length=64)


class FlagIn(serializers.Serializer):
    """A new flag."""

    key = serializers.RegexField(r"^[a-z][a-z0-9_.-]{2,59}$")
    description = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)
    owner = serializers.CharField(max_length=120)
    expires_on = serializers.DateField()
    kill = serializers.BooleanField(required=False, default=False)


class FlagChange(serializers.Serializer):
    """What of a flag changes."""

    description = serializers.CharField(max_length=500, required=False, allow_blank=True)
    owner = serializers.CharField(max_length=120, required=False)
    expires_on = serializers.DateField(required=False)
    kill = serializers.BooleanField(required=False)
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class FlagRulesIn(serializers.Serializer):
    """All the rules that a flag has from now on."""

    rules = serializers.ListField(child=FlagRuleIO(), max_length=200)


class FlagOut(serializers.Serializer):
    """A flag. ``expired`` ones go on as they are and want to be removed."""

    key = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    owner = serializers.CharField()
    expires_on = serializers.DateField()
    expired = serializers.BooleanField()
    kill = serializers.BooleanField()
    rules = FlagRuleIO(many=True)
    updated_at = serializers.DateTimeField()


class FlagList(serializers.Serializer):
    """Every flag by key."""

    items = FlagOut(many=True)


class Audience(serializers.Serializer):
    """For whom. An empty list means everybody."""

    organizations = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=500)
    plans = serializers.ListField(child=serializers.CharField(max_length=24), required=False, max_length=20)
    roles = serializers.ListField(
        child=serializers.ChoiceField(
            choices=["owner", "admin", "author", "instructor", "learner", "support", "operations", "finance"]
        ),
        required=False,
        max_length=10,
    )


class AnnouncementIn(serializers.Serializer):
    """A new announcement. ``body`` is plain text: blank lines part paragraphs."""

    title = serializers.CharField(max_length=160)
    body = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    surfaces = serializers.ListField(child=serializers.ChoiceField(choices=announcements.SURFACES), min_length=1)
    audience = Audience(required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    tone = serializers.ChoiceField(choices=Announcement.Tone.choices, required=False, default="info")


class AnnouncementChange(serializers.Serializer):
    """What of an announcement changes."""

    title = serializers.CharField(max_length=160, required=False)
    body = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    surfaces = serializers.ListField(
        child=serializers.ChoiceField(choices=announcements.SURFACES), min_length=1, required=False
    )
    audience = Audience(required=False)
    starts_at = serializers.DateTimeField(required=False)
    ends_at = serializers.DateTimeField(required=False, allow_null=True)
    tone = serializers.ChoiceField(choices=Announcement.Tone.choices, required=False)


class AnnouncementOut(serializers.Serializer):
    """An announcement, as staff see it."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    surfaces = serializers.ListField(child=serializers.ChoiceField(choices=announcements.SURFACES))
    audience = Audience()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    tone = serializers.ChoiceField(choices=Announcement.Tone.choices)
    state = serializers.ChoiceField(choices=["scheduled", "showing", "ended"])


class AnnouncementList(serializers.Serializer):
    """Announcements, the latest start first."""

    items = AnnouncementOut(many=True)
    next = serializers.CharField(allow_null=True)


class DayCount(serializers.Serializer):
    """A day in UTC and a number."""

    day = serializers.DateField()
    count = serializers.IntegerField()


class ReleaseCount(serializers.Serializer):
    """A schema release and how many organizations have it."""

    number = serializers.IntegerField()
    count = serializers.IntegerField()


class FleetQueue(serializers.Serializer):
    """A queue. ``pending`` is null where the broker does not answer."""

    name = serializers.CharField()
    pending = serializers.IntegerField(allow_null=True)
    oldest_seconds = serializers.IntegerField()


class FleetOrganizations(serializers.Serializer):
    """How many organizations there are."""

    by_state = serializers.DictField(child=serializers.IntegerField())
    total = serializers.IntegerField()


class FleetOutbox(serializers.Serializer):
    """The outbox over all organizations that are not paused."""

    pending = serializers.IntegerField()
    parked = serializers.IntegerField()
    lag_seconds = serializers.IntegerField()


class FleetTranscodes(serializers.Serializer):
    """Conversions."""

    waiting = serializers.IntegerField()
    running = serializers.IntegerField()
    failed_24h = serializers.IntegerField()


class FleetLargest(serializers.Serializer):
    """One of the ten that store most."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    storage_bytes = serializers.IntegerField()
    members = serializers.IntegerField()


class FleetErrorOut(serializers.Serializer):
    """A job that failed."""

    at = serializers.DateTimeField()
    kind = serializers.CharField()
    words = serializers.CharField(allow_blank=True)
    organization_id = serializers.UUIDField(allow_null=True)
    organization_name = serializers.CharField(allow_null=True)


class FleetHealth(serializers.Serializer):
    """The mean of all scores, and how many organizations have less than all points."""

    score = serializers.IntegerField()
    unwell = serializers.IntegerField()


class FleetOut(serializers.Serializer):
    """The fleet at a glance."""

    organizations = FleetOrganizations()
    sign_ups_per_day = DayCount(many=True)
    releases = ReleaseCount(many=True)
    current_release = serializers.IntegerField(allow_null=True)
    queues = FleetQueue(many=True)
    outbox = FleetOutbox()
    storage_bytes = serializers.IntegerField()
    members = serializers.IntegerField()
    film_minutes = serializers.IntegerField()
    health = FleetHealth()
    transcodes = FleetTranscodes()
    largest = FleetLargest(many=True)
    errors = FleetErrorOut(many=True)  # type: ignore[assignment]  # a field; the base class keeps its own


class AuditQuery(serializers.Serializer):
    """Which entries. ``action`` matches its beginning: ``flag`` finds ``flag.created``."""

    organization = serializers.UUIDField(required=False, default=None, allow_null=True)
    actor = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    action = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    since = serializers.DateField(required=False, default=None, allow_null=True)
    until = serializers.DateField(required=False, default=None, allow_null=True)


class AuditEntryOut(serializers.Serializer):
    """One act."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    actor = serializers.CharField(allow_blank=True)
    actor_id = serializers.UUIDField(allow_null=True)
    actor_kind = serializers.CharField()
    action = serializers.CharField()
    organization_id = serializers.UUIDField(allow_null=True)
    organization_name = serializers.CharField(allow_null=True)
    object_type = serializers.CharField(allow_blank=True)
    object_id = serializers.CharField(allow_blank=True)
    changes = serializers.DictField()
    reason = serializers.CharField(allow_blank=True)
    ticket = serializers.CharField(allow_blank=True)
    ip = serializers.CharField(allow_null=True)


class AuditPage(serializers.Serializer):
    """Acts, the newest first."""

    items = AuditEntryOut(many=True)
    next = serializers.CharField(allow_null=True)


def job_out(line: JobLine, labels: dict[str, str], names: dict[UUID, str]) -> dict[str, Any]:
    """Return a job as :class:`JobOut`."""
    return {
        "kind": line.kind,
        "label": labels.get(line.kind, line.kind),
        "id": str(line.id),
        "organization_id": str(line.organization_id) if line.organization_id else None,
        "organization_name": names.get(line.organization_id) if line.organization_id else None,
        "state": line.state,
        "progress_permille": line.progress_permille,
        "subject": line.subject,
        "error": line.error or None,
        "attempts": line.attempts,
        "created_at": iso(line.created_at),
        "updated_at": iso(line.updated_at),
        "can_retry": line.can_retry,
        "can_cancel": line.can_cancel,
    }


def flag_out(flag: FeatureFlag) -> dict[str, Any]:
    """Return a flag as :class:`FlagOut`."""
    return {
        "key": flag.key,
        "description": flag.description,
        "owner": flag.owner,
        "expires_on": flag.expires_on.isoformat(),
        "expired": flags.is_expired(flag),
        "kill": flag.kill,
        "rules": [
            {"kind": rule.kind, "value": rule.value}
            for rule in sorted(flag.rules.all(), key=lambda rule: (rule.kind, rule.value))
        ],
        "updated_at": iso(flag.updated_at),
    }


def announcement_out(row: Announcement) -> dict[str, Any]:
    """Return an announcement as :class:`AnnouncementOut`."""
    return {
        "id": str(row.id),
        "title": row.title,
        "body": row.body,
        "surfaces": list(row.surfaces),
        "audience": {
            "organizations": [str(found) for found in row.organizations],
            "plans": list(row.plans),
            "roles": list(row.roles),
        },
        "starts_at": iso(row.starts_at),
        "ends_at": iso(row.ends_at) if row.ends_at else None,
        "tone": row.tone,
        "state": announcements.state_of(row),
    }


def fleet_out(found: Fleet) -> dict[str, Any]:
    """Return the fleet as :class:`FleetOut`."""
    return {
        "organizations": {"by_state": found.by_state, "total": found.total},
        "sign_ups_per_day": [{"day": day.isoformat(), "count": count} for day, count in found.sign_ups],
        "releases": [{"number": number, "count": count} for number, count in found.releases],
        "current_release": found.current_release,
        "queues": [
            {"name": queue.name, "pending": queue.pending, "oldest_seconds": queue.oldest_seconds}
            for queue in found.queues
        ],
        "outbox": {
            "pending": found.outbox.pending,
            "parked": found.outbox.parked,
            "lag_seconds": found.outbox.lag_seconds,
        },
        "storage_bytes": found.storage_bytes,
        "members": found.members,
        "film_minutes": found.film_minutes,
        "health": {"score": found.health, "unwell": found.unwell},
        "transcodes": {
            "waiting": found.transcodes.waiting,
            "running": found.transcodes.running,
            "failed_24h": found.transcodes.failed_24h,
        },
        "largest": [
            {
                "id": str(row.organization_id),
                "name": row.organization.name,
                "storage_bytes": row.storage_bytes,
                "members": row.members,
            }
            for row in found.largest
        ],
        "errors": [
            {
                "at": iso(one.at),
                "kind": one.kind,
                "words": one.words,
                "organization_id": str(one.organization_id) if one.organization_id else None,
                "organization_name": one.organization_name,
            }
            for one in found.errors
        ],
    }


def entry_out(row: PlatformAuditEntry, names: dict[UUID, str]) -> dict[str, Any]:
    """Return an act as :class:`AuditEntryOut`."""
    return {
        "id": str(row.id),
        "at": iso(row.at),
        "actor": row.actor_name or row.actor_kind,
        "actor_id": str(row.actor_id) if row.actor_id else None,
        "actor_kind": row.actor_kind,
        "action": row.action,
        "organization_id": str(row.organization_id) if row.organization_id else None,
        "organization_name": names.get(row.organization_id) if row.organization_id else None,
        "object_type": row.object_type,
        "object_id": row.object_id,
        "changes": row.changes,
        "reason": row.reason,
        "ticket": row.ticket,
        "ip": row.ip or None,
    }
