"""Shapes of exports, restores and deletion reports in the console."""

from __future__ import annotations

from rest_framework import serializers

RESTORE_STATES = [
    *("queued", "running", "compared", "swapping", "swapped", "discarding", "discarded", "failed"),
]


class StaffExportOut(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(["queued", "running", "ready", "failed", "expired"])
    stage = serializers.CharField(help_text="tables, media, finishing, or empty.")
    progress_permille = serializers.IntegerField()
    origin = serializers.ChoiceField(["owner", "staff", "final", "brought"])
    created_at = serializers.DateTimeField()
    snapshot_at = serializers.DateTimeField(allow_null=True, help_text="The instant that the archive shows.")
    finished_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True, help_text="When the archive is deleted.")
    size_bytes = serializers.IntegerField(allow_null=True)
    tables = serializers.IntegerField(allow_null=True)
    rows = serializers.IntegerField(allow_null=True)
    files = serializers.IntegerField(allow_null=True)
    files_bytes = serializers.IntegerField(allow_null=True)
    manifest_sha256 = serializers.CharField()
    link_expires_at = serializers.DateTimeField(allow_null=True)
    downloads = serializers.IntegerField()
    error = serializers.CharField(help_text="What went wrong, in words; empty where nothing did.")


class StaffExportListOut(serializers.Serializer):
    items = StaffExportOut(many=True)
    next = serializers.CharField(allow_null=True)


class ComparedTableOut(serializers.Serializer):
    table = serializers.CharField()
    live = serializers.IntegerField(help_text="Rows now.")
    restored = serializers.IntegerField(help_text="Rows after a swap.")
    equal = serializers.BooleanField()
    comes_back = serializers.IntegerField()
    goes_away = serializers.IntegerField()
    changes = serializers.IntegerField()
    words = serializers.CharField()


class RestoreOut(serializers.Serializer):
    id = serializers.UUIDField()
    organization_id = serializers.UUIDField()
    archive_id = serializers.UUIDField()
    state = serializers.ChoiceField(RESTORE_STATES)
    stage = serializers.CharField()
    progress_permille = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    swapped_at = serializers.DateTimeField(allow_null=True)
    old_kept_until = serializers.DateTimeField(allow_null=True)
    snapshot_at = serializers.DateTimeField(allow_null=True)
    comparison = ComparedTableOut(many=True, allow_null=True)
    media_missing = serializers.IntegerField(allow_null=True, help_text="Media files that a swap puts back.")
    media_missing_bytes = serializers.IntegerField(allow_null=True)
    erasures = serializers.IntegerField(help_text="Erasures that a swap repeats.")
    error = serializers.CharField()


class RestoreListOut(serializers.Serializer):
    items = RestoreOut(many=True)
    next = serializers.CharField(allow_null=True)


class DeletionReportOut(serializers.Serializer):
    organization_id = serializers.UUIDField()
    state = serializers.ChoiceField(["waiting", "queued", "running", "done", "failed"])
    stage = serializers.CharField()
    progress_permille = serializers.IntegerField()
    wants_final_export = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    report = serializers.JSONField(allow_null=True)
    sha256 = serializers.CharField()
    error = serializers.CharField()


class ReasonIn(serializers.Serializer):
    reason = serializers.CharField(min_length=3, max_length=2000)


class DiscardIn(serializers.Serializer):
    reason = serializers.CharField(max_length=2000, allow_blank=True, default="")


class RestoreIn(ReasonIn):
    archive_id = serializers.UUIDField()
