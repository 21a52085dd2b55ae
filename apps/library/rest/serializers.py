"""Shapes of the library in the API."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

SHA256_BASE64 = r"^[A-Za-z0-9+/]{43}=$"
LANGUAGE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


class UploadWrite(serializers.Serializer):
    """A file about to be uploaded. ``fingerprint`` is the browser's own mark of it, to find the upload again."""

    name = serializers.CharField(max_length=255)
    size_bytes = serializers.IntegerField()
    content_type = serializers.CharField(max_length=100, allow_blank=True, required=False, default="")
    fingerprint = serializers.CharField(max_length=128)


class PartWrite(serializers.Serializer):
    """A part that is about to be put: its number from 1 and the base64 of its SHA-256."""

    number = serializers.IntegerField(min_value=1)
    sha256 = serializers.RegexField(SHA256_BASE64)


class PartsWrite(serializers.Serializer):
    """Up to 100 parts."""

    parts = serializers.ListField(child=PartWrite(), allow_empty=False, max_length=100)


class ReceivedPartOut(serializers.Serializer):
    number = serializers.IntegerField()
    size_bytes = serializers.IntegerField()


class UploadOut(serializers.Serializer):
    """An upload and what has arrived of it."""

    id = serializers.UUIDField()
    asset_id = serializers.UUIDField()
    name = serializers.CharField()
    fingerprint = serializers.CharField()
    size_bytes = serializers.IntegerField()
    part_bytes = serializers.IntegerField()
    parts = serializers.IntegerField()
    state = serializers.CharField()
    received = ReceivedPartOut(many=True)
    expires_at = serializers.DateTimeField()


class UploadList(serializers.Serializer):
    items = UploadOut(many=True)
    next = serializers.CharField(allow_null=True)


class SignedPartOut(serializers.Serializer):
    """PUT the part to ``url`` with exactly these headers before 15 minutes have passed."""

    number = serializers.IntegerField()
    url = serializers.CharField()
    headers = serializers.DictField(child=serializers.CharField())


class SignedPartList(serializers.Serializer):
    items = SignedPartOut(many=True)


class StageOut(serializers.Serializer):
    name = serializers.ChoiceField(choices=["remux", "fast", "ladder"])
    state = serializers.ChoiceField(choices=["queued", "running", "done", "failed"])
    progress_permille = serializers.IntegerField()


class CurrentStageOut(serializers.Serializer):
    name = serializers.ChoiceField(choices=["remux", "fast", "ladder"])
    progress_permille = serializers.IntegerField()
    eta_seconds = serializers.IntegerField(allow_null=True)


class AssetErrorOut(serializers.Serializer):
    """Why a stage was given up, in words."""

    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()
    retryable = serializers.BooleanField()


class AssetWaitsOut(serializers.Serializer):
    """Why a conversion does not begin yet, in words. It begins by itself."""

    code = serializers.CharField()
    title = serializers.CharField()
    detail = serializers.CharField()


class CaptionMarkOut(serializers.Serializer):
    language = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the label of one
    kind = serializers.CharField()
    is_default = serializers.BooleanField()


class AssetOut(serializers.Serializer):
    """An asset, how far it is and where it is used."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(choices=["video", "audio"])
    state = serializers.ChoiceField(choices=["uploading", "processing", "playable", "ready", "failed"])
    stage = CurrentStageOut(allow_null=True)
    stages = StageOut(many=True)
    duration_ms = serializers.IntegerField(allow_null=True)
    width = serializers.IntegerField(allow_null=True)
    height = serializers.IntegerField(allow_null=True)
    size_bytes = serializers.IntegerField()
    has_audio = serializers.BooleanField()
    poster_url = serializers.CharField(allow_null=True)
    error = AssetErrorOut(allow_null=True)
    waits = AssetWaitsOut(allow_null=True)
    captions = CaptionMarkOut(many=True)
    used_in = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    revision = serializers.IntegerField()


class AssetList(serializers.Serializer):
    items = AssetOut(many=True)
    next = serializers.CharField(allow_null=True)


class AssetWrite(serializers.Serializer):
    title = serializers.CharField(max_length=200)


class CaptionWrite(serializers.Serializer):
    """A WebVTT or SubRip text."""

    language = serializers.RegexField(LANGUAGE, max_length=16)
    label = serializers.CharField(max_length=80)  # type: ignore[assignment]  # as above
    text = serializers.CharField(max_length=1_000_000, trim_whitespace=False)
    is_default = serializers.BooleanField(required=False, default=False)


class CaptionOut(serializers.Serializer):
    """A caption track without its text."""

    id = serializers.UUIDField()
    language = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of ours, not the label of one
    kind = serializers.CharField()
    is_default = serializers.BooleanField()
    url = serializers.CharField()


class CaptionList(serializers.Serializer):
    items = CaptionOut(many=True)
    next = serializers.CharField(allow_null=True)


class CueOut(serializers.Serializer):
    start_ms = serializers.IntegerField()
    end_ms = serializers.IntegerField()
    text = serializers.CharField()


class CaptionDetailOut(CaptionOut):
    """A caption track with its WebVTT and its cues."""

    text = serializers.CharField()
    cues = CueOut(many=True)


class StorageOut(serializers.Serializer):
    """Bytes in use, held for uploads under way, and allowed (null: no limit)."""

    used_bytes = serializers.IntegerField()
    reserved_bytes = serializers.IntegerField()
    limit_bytes = serializers.IntegerField(allow_null=True)


class GrantOut(serializers.Serializer):
    """Leave to play. The answer sets the cookies; renew at ``renew_at``."""

    sid = serializers.UUIDField()
    manifest_url = serializers.CharField()
    poster_url = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField()
    renew_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=["cookie", "query"])
    query = serializers.CharField(allow_null=True)


Json = dict[str, Any]
