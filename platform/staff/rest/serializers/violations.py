"""Shapes of violations of the content security policy."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from core.clock import iso
from staff.models import PolicyViolation

SURFACES = ("site", "tenant", "staff")


class ViolationQuery(serializers.Serializer):
    """Which kinds are asked for."""

    surface = serializers.ChoiceField(choices=SURFACES, required=False)


class ViolationOut(serializers.Serializer):
    """Reports of one kind. ``page`` has a star for whatever is no plain word; ``blocked`` is a word or a domain."""

    id = serializers.UUIDField()
    surface = serializers.ChoiceField(choices=SURFACES)
    directive = serializers.CharField()
    blocked = serializers.CharField()
    page = serializers.CharField()
    count = serializers.IntegerField()
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class ViolationList(serializers.Serializer):
    """Kinds of violations, the latest first."""

    items = ViolationOut(many=True)
    next = serializers.CharField(allow_null=True)


def violation_out(row: PolicyViolation) -> dict[str, Any]:
    """Return one kind as staff get it."""
    return {
        "id": str(row.id),
        "surface": row.surface,
        "directive": row.directive,
        "blocked": row.blocked,
        "page": row.page,
        "count": row.count,
        "first_seen_at": iso(row.first_seen_at),
        "last_seen_at": iso(row.last_seen_at),
    }
