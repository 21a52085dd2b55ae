"""Shapes of what Stripe told us."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rest_framework import serializers

from billing.api import finance
from core.clock import iso

STATES = tuple(finance.StripeEvent.State.values)


class EventQuery(serializers.Serializer):
    """Which events. ``q`` is a type's beginning, or an id of an event, an object or a customer."""

    state = serializers.ChoiceField(choices=["", *STATES], required=False, default="")
    q = serializers.CharField(max_length=96, required=False, default="", allow_blank=True)
    organization = serializers.UUIDField(required=False, default=None, allow_null=True)


class EventLine(serializers.Serializer):
    """An event. ``lag_ms`` is from its arrival to the look, null while nobody looked."""

    id = serializers.CharField()
    type = serializers.CharField()
    state = serializers.ChoiceField(choices=STATES)
    came_by = serializers.CharField()
    object_id = serializers.CharField(allow_blank=True)
    customer = serializers.CharField(allow_blank=True)
    organization_id = serializers.UUIDField(allow_null=True)
    organization_name = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    received_at = serializers.DateTimeField()
    done_at = serializers.DateTimeField(allow_null=True)
    lag_ms = serializers.IntegerField(allow_null=True)
    attempts = serializers.IntegerField()
    run_at = serializers.DateTimeField()
    error = serializers.CharField(allow_blank=True)


class InboxOut(serializers.Serializer):
    """How the inbox stands. Lags are of the latest two hundred that were looked into."""

    states = serializers.DictField(child=serializers.IntegerField())
    received_24h = serializers.IntegerField()
    newest_at = serializers.DateTimeField(allow_null=True)
    oldest_waiting_at = serializers.DateTimeField(allow_null=True)
    median_lag_ms = serializers.IntegerField(allow_null=True)
    worst_lag_ms = serializers.IntegerField(allow_null=True)


class EventPage(serializers.Serializer):
    """Events, newest first."""

    items = EventLine(many=True)
    next = serializers.CharField(allow_null=True)
    inbox = InboxOut()


class EventOut(EventLine):
    """An event with what it held, but for who people are; null once that is erased. ``page`` is Stripe's own."""

    payload = serializers.JSONField(allow_null=True)
    page = serializers.CharField(allow_blank=True)


def event_line(row: finance.StripeEvent, organization_id: UUID | None, name: str) -> dict[str, Any]:
    """Return an event as :class:`EventLine`."""
    return {
        "id": row.id,
        "type": row.type,
        "state": row.state,
        "came_by": row.came_by,
        "object_id": row.object_id,
        "customer": row.customer,
        "organization_id": str(organization_id) if organization_id else None,
        "organization_name": name,
        "created_at": iso(row.created_at),
        "received_at": iso(row.received_at),
        "done_at": iso(row.done_at) if row.done_at else None,
        "lag_ms": _ms((row.done_at - row.received_at).total_seconds()) if row.done_at else None,
        "attempts": row.attempts,
        "run_at": iso(row.run_at),
        "error": row.error,
    }


def inbox_out(found: finance.Inbox) -> dict[str, Any]:
    """Return the inbox as :class:`InboxOut`."""
    return {
        "states": found.states,
        "received_24h": found.received_24h,
        "newest_at": iso(found.newest_at) if found.newest_at else None,
        "oldest_waiting_at": iso(found.oldest_waiting_at) if found.oldest_waiting_at else None,
        "median_lag_ms": _ms(found.median_lag),
        "worst_lag_ms": _ms(found.worst_lag),
    }


def _ms(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * 1000)
