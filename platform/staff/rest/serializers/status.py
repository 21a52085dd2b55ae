"""Shapes of the status page and its incidents."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.clock import iso
from staff.models import Incident, IncidentUpdate
from staff.status import services
from staff.status.parts import PARTS

STATES = (services.GOOD, services.DEGRADED, services.DOWN, services.MAINTENANCE, services.UNKNOWN)


class StatusPartOut(serializers.Serializer):
    """A part as the public sees it. ``good_permille`` is of the last ninety days, null where nothing was checked."""

    key = serializers.ChoiceField(choices=list(PARTS))
    name = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    good_permille = serializers.IntegerField(allow_null=True)


class StatusOut(serializers.Serializer):
    """How the product does."""

    state = serializers.ChoiceField(choices=STATES)
    as_of = serializers.DateTimeField()
    checked_at = serializers.DateTimeField(allow_null=True)
    parts = StatusPartOut(many=True)


class IncidentUpdateIn(serializers.Serializer):
    """What is known now. Plain text: blank lines part paragraphs."""

    state = serializers.ChoiceField(choices=IncidentUpdate.State.choices)
    body = serializers.CharField(max_length=4000)


class IncidentIn(serializers.Serializer):
    """A new incident with the first thing to say. Maintenance may begin in the future."""

    title = serializers.CharField(max_length=160)
    impact = serializers.ChoiceField(choices=Incident.Impact.choices)
    parts = serializers.ListField(child=serializers.ChoiceField(choices=list(PARTS)), min_length=1)
    body = serializers.CharField(max_length=4000)
    state = serializers.ChoiceField(choices=IncidentUpdate.State.choices, required=False, default="investigating")
    started_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class IncidentChange(serializers.Serializer):
    """What of an incident is corrected."""

    title = serializers.CharField(max_length=160, required=False)
    impact = serializers.ChoiceField(choices=Incident.Impact.choices, required=False)
    parts = serializers.ListField(child=serializers.ChoiceField(choices=list(PARTS)), min_length=1, required=False)


class IncidentUpdateOut(serializers.Serializer):
    """What was said, and when."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=IncidentUpdate.State.choices)
    body = serializers.CharField()
    at = serializers.DateTimeField()


class IncidentOut(serializers.Serializer):
    """An incident and what was said of it, the newest first."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    impact = serializers.ChoiceField(choices=Incident.Impact.choices)
    parts = serializers.ListField(child=serializers.ChoiceField(choices=list(PARTS)))
    started_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    updates = IncidentUpdateOut(many=True)


class IncidentList(serializers.Serializer):
    """Incidents, the newest first."""

    items = IncidentOut(many=True)
    next = serializers.CharField(allow_null=True)


def incident_out(row: Incident) -> dict[str, Any]:
    """Return an incident as staff get it."""
    return {
        "id": str(row.id),
        "title": row.title,
        "impact": row.impact,
        "parts": row.parts,
        "started_at": iso(row.started_at),
        "resolved_at": iso(row.resolved_at) if row.resolved_at else None,
        "updates": [
            {"id": str(said.id), "state": said.state, "body": said.body, "at": iso(said.at)}
            for said in row.updates.all()
        ],
    }


def status_out(page: services.Page) -> dict[str, Any]:
    """Return the page as data."""
    return {
        "state": page.state,
        "as_of": iso(page.as_of),
        "checked_at": iso(page.checked_at) if page.checked_at else None,
        "parts": [
            {"key": line.key, "name": line.name, "state": line.state, "good_permille": line.good_permille}
            for line in page.parts
        ],
    }
