"""Shapes of moving an organization from state to state."""

from __future__ import annotations

from rest_framework import serializers

EVENTS = ["limit", "suspend", "reactivate", "ask_deletion", "cancel_deletion"]


class TransitionQuery(serializers.Serializer):
    event = serializers.ChoiceField(EVENTS)


class TransitionEffectOut(serializers.Serializer):
    code = serializers.CharField()
    words = serializers.CharField()
    count = serializers.IntegerField(allow_null=True)


class TransitionEffectsOut(serializers.Serializer):
    """What an event will do now; the token is presented with it, within 15 minutes."""

    event = serializers.CharField()
    to = serializers.CharField()
    effects = TransitionEffectOut(many=True)
    token = serializers.CharField()

    def get_fields(self) -> dict[str, serializers.Field]:
        """Add the one field that can't be an attribute: "from" is a word of Python's."""
        return {**super().get_fields(), "from": serializers.CharField()}


class TransitionIn(serializers.Serializer):
    event = serializers.ChoiceField(EVENTS)
    reason = serializers.CharField(max_length=2000)
    ticket = serializers.CharField(max_length=120, allow_blank=True, default="")
    token = serializers.CharField(max_length=20_000)


class TransitionOut(serializers.Serializer):
    """Where the organization is now; ``changed`` is false where it was there already."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    state_since = serializers.DateTimeField()
    delete_after = serializers.DateTimeField(allow_null=True)
    changed = serializers.BooleanField()
