"""Shapes of the site's API."""

from __future__ import annotations

from rest_framework import serializers


class AvailabilityOut(serializers.Serializer):
    slug = serializers.CharField()
    available = serializers.BooleanField()
    reason = serializers.ChoiceField(
        ["taken", "held", "reserved", "lookalike", "idn", "format", "too_short", "too_long"], allow_null=True
    )
    message = serializers.CharField()
    suggestion = serializers.CharField(allow_null=True)


class SignUpIn(serializers.Serializer):
    organization_name = serializers.CharField(min_length=2, max_length=80)
    slug = serializers.CharField(max_length=80)
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=256, trim_whitespace=False)
    terms_version = serializers.CharField(max_length=20)


class StartedOut(serializers.Serializer):
    token = serializers.CharField()
    email = serializers.EmailField()
    resend_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()


class CodeIn(serializers.Serializer):
    code = serializers.CharField(max_length=16)


class ResentOut(serializers.Serializer):
    resend_at = serializers.DateTimeField()


class OrganizationOut(serializers.Serializer):
    name = serializers.CharField()
    slug = serializers.CharField()
    host = serializers.CharField()


class StepOut(serializers.Serializer):
    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a field of this name, not the attribute
    state = serializers.ChoiceField(["pending", "running", "done", "failed", "compensated"])
    finished_at = serializers.DateTimeField(allow_null=True)


class SignUpStatusOut(serializers.Serializer):
    state = serializers.ChoiceField(["unverified", "provisioning", "ready", "failed"])
    organization = OrganizationOut()
    email = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    steps = StepOut(many=True)
    studio_url = serializers.CharField(allow_null=True)
    detail = serializers.CharField(allow_null=True)


class HandOverIn(serializers.Serializer):
    nonce_hash = serializers.RegexField(r"^[0-9a-f]{64}$")


class HandOverOut(serializers.Serializer):
    code = serializers.CharField()
    location = serializers.CharField()


class TermsOut(serializers.Serializer):
    version = serializers.CharField()
    url = serializers.CharField()
