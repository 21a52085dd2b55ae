"""Shapes of an organization's exports."""

from __future__ import annotations

from rest_framework import serializers

EXPORT_STATES = ["queued", "running", "ready", "failed", "expired"]


class ExportOut(serializers.Serializer):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(EXPORT_STATES)
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


class ExportListOut(serializers.Serializer):
    items = ExportOut(many=True)
    next = serializers.CharField(allow_null=True)


class LinkOut(serializers.Serializer):
    url = serializers.CharField(help_text="Opens the download for a signed-in owner, until it ends.")
    token = serializers.CharField()
    expires_at = serializers.DateTimeField()


class TokenIn(serializers.Serializer):
    token = serializers.CharField(max_length=128)


class FileOut(serializers.Serializer):
    url = serializers.CharField(help_text="Where the file is served for the next five minutes.")
