"""Shapes of cells, and of organizations on their way from one to another."""

from __future__ import annotations

from rest_framework import serializers

CELL_STATES = ("open", "draining")
MOVE_STATES = ("queued", "running", "moved", "dropping", "dropped", "aborting", "aborted", "failed")
MOVE_STEPS = ("freeze", "copy", "verify", "flip", "open", "drop")


class CellOut(serializers.Serializer):
    """A cell. ``organizations`` are those that this cell's rows know to be there."""

    name = serializers.CharField()
    is_here = serializers.BooleanField(help_text="Whether this is the cell that answers.")
    region = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=CELL_STATES, help_text="draining: it takes no organizations.")
    capacity = serializers.IntegerField()
    organizations = serializers.IntegerField()
    address = serializers.CharField(allow_blank=True, help_text="host:port of its front door.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CellListOut(serializers.Serializer):
    """Every cell, the one that answers first."""

    items = CellOut(many=True)


class CellIn(serializers.Serializer):
    """Whether a cell takes organizations."""

    state = serializers.ChoiceField(choices=CELL_STATES)
    reason = serializers.CharField(max_length=2000)


class MoveStepOut(serializers.Serializer):
    """A step, and when it was over."""

    name = serializers.ChoiceField(choices=MOVE_STEPS)
    at = serializers.DateTimeField(allow_null=True)


class MoveOut(serializers.Serializer):
    """A move. While it is frozen (from the end of ``freeze`` to the end of ``open``) nothing of it can be changed."""

    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    from_cell = serializers.CharField()
    to_cell = serializers.CharField()
    state = serializers.ChoiceField(choices=MOVE_STATES)
    stage = serializers.CharField(allow_blank=True, help_text="A step, check, thaw, discard, or empty.")
    progress_permille = serializers.IntegerField()
    attempts = serializers.IntegerField()
    reason = serializers.CharField(allow_blank=True)
    requested_by = serializers.CharField(allow_blank=True)
    error_code = serializers.CharField(allow_blank=True)
    error = serializers.CharField(allow_blank=True, help_text="What stands in the way, in words, or empty.")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    steps = MoveStepOut(many=True)
    closed_seconds = serializers.FloatField(allow_null=True, help_text="How long it took no changes.")
    drop_after = serializers.DateTimeField(allow_null=True, help_text="When what it left here is removed.")
    tables = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    bytes = serializers.IntegerField(allow_null=True)
    can_abort = serializers.BooleanField()


class MoveIn(serializers.Serializer):
    """Where to, and why."""

    cell = serializers.CharField(max_length=32)
    reason = serializers.CharField(max_length=2000)


class MoveAbortIn(serializers.Serializer):
    """Why a move is given up."""

    reason = serializers.CharField(max_length=2000)
