"""What goes in and out of the audit."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from apps.audit.catalogue import GROUPS
from apps.audit.selectors import Filters, Line
from core.clock import iso


class AuditEntryFilter(serializers.Serializer):
    """What is asked for, in the address."""

    person = serializers.UUIDField(required=False)
    group = serializers.ChoiceField(sorted(GROUPS.items()), required=False)
    object = serializers.UUIDField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    support = serializers.BooleanField(required=False, default=False)

    def filters(self) -> Filters:
        """Return what was asked for."""
        asked: dict[str, Any] = self.validated_data
        return Filters(
            person=asked.get("person"),
            group=asked.get("group", ""),
            object_id=asked.get("object"),
            since=asked.get("since"),
            until=asked.get("until"),
            support_only=asked["support"],
        )


class AuditExportIn(AuditEntryFilter):
    """The export's form, beside the filters."""

    form = serializers.ChoiceField([("csv", "CSV"), ("jsonl", "JSON Lines")], default="csv")


class AuditChangeOut(serializers.Serializer):
    """What became of one field."""

    field = serializers.CharField()
    words = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class AuditEntryOut(serializers.Serializer):
    """One act. ``sentence`` follows the actor's name."""

    id = serializers.UUIDField()
    at = serializers.DateTimeField()
    action = serializers.CharField()
    group = serializers.CharField()
    actor_kind = serializers.ChoiceField(["member", "staff", "system", "visitor"])
    actor_id = serializers.UUIDField(allow_null=True)
    actor = serializers.CharField()
    on_behalf_of = serializers.UUIDField(allow_null=True)
    behalf = serializers.CharField(allow_null=True)
    sentence = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.UUIDField(allow_null=True)
    label = serializers.CharField()  # type: ignore[assignment]  # the field, not the form's caption
    changes = AuditChangeOut(many=True)
    support_grant = serializers.UUIDField(allow_null=True)
    request_id = serializers.CharField()
    ip = serializers.CharField(allow_null=True)
    via = serializers.CharField()
    digest = serializers.CharField()
    seal = serializers.IntegerField(allow_null=True)


class AuditEntryPage(serializers.Serializer):
    """A page of entries, newest first."""

    items = AuditEntryOut(many=True)
    next = serializers.CharField(allow_null=True)


class AuditGroupOut(serializers.Serializer):
    """A kind of acts to filter by."""

    key = serializers.CharField()
    words = serializers.CharField()


class AuditGroupListOut(serializers.Serializer):
    """Every kind."""

    items = AuditGroupOut(many=True)


class AuditSealOut(serializers.Serializer):
    """The newest seal: whoever keeps its hash can show later that nothing before it was changed."""

    no = serializers.IntegerField()
    hash = serializers.CharField()
    sealed_at = serializers.DateTimeField()


class AuditStateOut(serializers.Serializer):
    """How far the audit is sealed; ``verified`` and ``faults`` after it was asked to verify itself."""

    entries = serializers.IntegerField()
    unsealed = serializers.IntegerField()
    seal = AuditSealOut(allow_null=True)
    verified = serializers.BooleanField(allow_null=True)
    faults = serializers.ListField(child=serializers.CharField())


def line_out(line: Line) -> dict[str, Any]:
    """Return a line as the API says it."""
    entry = line.entry
    return {
        "id": str(entry.id),
        "at": iso(entry.at),
        "action": entry.action,
        "group": line.group,
        "actor_kind": entry.actor_kind,
        "actor_id": _id(entry.actor_id),
        "actor": line.actor,
        "on_behalf_of": _id(entry.on_behalf_of),
        "behalf": line.behalf,
        "sentence": line.sentence,
        "object_type": entry.object_type,
        "object_id": _id(entry.object_id),
        "label": line.label,
        "changes": [
            {"field": one.field, "words": one.words, "before": one.before, "after": one.after} for one in line.changes
        ],
        "support_grant": _id(entry.support_grant),
        "request_id": entry.request_id,
        "ip": line.ip,
        "via": entry.via,
        "digest": entry.digest,
        "seal": entry.seal_no,
    }


def _id(value: Any) -> str | None:
    return str(value) if value else None
