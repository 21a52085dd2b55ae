"""Shapes of an organization's own state, shared by its studio and the staff console."""

from __future__ import annotations

from rest_framework import serializers

STATES = [
    "requested",
    "provisioning",
    "active",
    "read_only",
    "suspended",
    "pending_deletion",
    "deleting",
    "deleted",
    "failed",
]


class OrganizationStateOut(serializers.Serializer):
    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.CharField()
    host = serializers.CharField()
    state = serializers.ChoiceField(STATES)
    state_since = serializers.DateTimeField()
    created_at = serializers.DateTimeField()
    delete_after = serializers.DateTimeField(allow_null=True)
    returns_to = serializers.CharField(help_text="Where a deletion that is called off leads; else empty.")
    reason = serializers.CharField(help_text="Why it is in this state, as whoever moved it said; may be empty.")


class OrganizationNameIn(serializers.Serializer):
    name = serializers.CharField(min_length=2, max_length=80)


class EffectOut(serializers.Serializer):
    code = serializers.CharField()
    words = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class EffectsOut(serializers.Serializer):
    """What an event will do now; the token is presented with it, within 15 minutes."""

    event = serializers.CharField()
    # "from" is a word of Python's.
    to = serializers.CharField()
    effects = EffectOut(many=True)
    token = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add the one field that can't be an attribute."""
        return {**super().get_fields(), "from": serializers.CharField()}


class DeletionIn(serializers.Serializer):
    slug = serializers.CharField(max_length=80, help_text="The organization's own, typed.")
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")
    token = serializers.CharField(max_length=20_000)


class CancellationIn(serializers.Serializer):
    token = serializers.CharField(max_length=20_000)
