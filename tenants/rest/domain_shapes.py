"""Shapes of an organization's domains."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework import serializers

from tenancy.hosts import public_url
from tenants.domains import address, custom, names, proof
from tenants.models import Domain


class RecordOut(serializers.Serializer):
    purpose = serializers.ChoiceField(["proof", "route"])
    type = serializers.CharField()
    name = serializers.CharField()
    expected = serializers.ListField(child=serializers.CharField())
    found = serializers.ListField(child=serializers.CharField())
    state = serializers.ChoiceField(["found", "missing", "wrong", "no_answer"])
    words = serializers.CharField()


class DomainOut(serializers.Serializer):
    id = serializers.UUIDField()
    host = serializers.CharField()
    shown = serializers.CharField(help_text="As people write it: letters of every alphabet.")
    url = serializers.CharField()
    state = serializers.ChoiceField(["pending", "verified", "active", "disabled"])
    is_apex = serializers.BooleanField()
    is_primary = serializers.BooleanField()
    records = RecordOut(many=True)
    checked_at = serializers.DateTimeField(allow_null=True)
    failing_since = serializers.DateTimeField(allow_null=True)
    disabled_at = serializers.DateTimeField(allow_null=True, help_text="When it is switched off if nothing changes.")
    created_at = serializers.DateTimeField()


class FormerOut(serializers.Serializer):
    host = serializers.CharField()
    state = serializers.ChoiceField(["redirecting", "quarantined"])
    redirect_until = serializers.DateTimeField(allow_null=True)


class AddressOut(serializers.Serializer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    suffix = serializers.CharField()
    host = serializers.CharField()
    url = serializers.CharField()
    is_primary = serializers.BooleanField()
    former = FormerOut(many=True)


class DomainsOut(serializers.Serializer):
    address = AddressOut()
    items = DomainOut(many=True)
    limit = serializers.IntegerField(allow_null=True, help_text="How many the plan brings; null: as many as you like.")
    target = serializers.CharField(help_text="What a CNAME points to.")


class DomainIn(serializers.Serializer):
    host = serializers.CharField(max_length=300)


class AddressIn(serializers.Serializer):
    slug = serializers.CharField(max_length=80)


class PrimaryIn(serializers.Serializer):
    id = serializers.UUIDField()


class AddressEffectOut(serializers.Serializer):
    code = serializers.CharField()
    words = serializers.CharField()


class AddressPreviewOut(serializers.Serializer):
    slug = serializers.CharField()
    available = serializers.BooleanField()
    reason = serializers.ChoiceField(
        ["taken", "held", "reserved", "lookalike", "idn", "format", "too_short", "too_long"], allow_null=True
    )
    message = serializers.CharField()
    suggestion = serializers.CharField(allow_null=True)
    host = serializers.CharField()
    redirect_until = serializers.DateTimeField()
    effects = AddressEffectOut(many=True)


class RenamedOut(serializers.Serializer):
    address = AddressOut()
    sign_in_url = serializers.CharField(
        allow_null=True, help_text="Where to go on; null where the primary host, and so the session, stayed."
    )


def domain_out(row: Domain) -> dict[str, Any]:
    """Return one custom domain with the records it needs."""
    name = names.of_host(row.host)
    records = row.findings or [record.as_json() for record in proof.expected(row.host, row.txt_token)]
    return {
        "id": row.id,
        "host": row.host,
        "shown": name.shown,
        "url": public_url(row.host, ""),
        "state": row.state,
        "is_apex": name.is_apex,
        "is_primary": row.is_primary,
        "records": records,
        "checked_at": row.checked_at,
        "failing_since": row.failing_since,
        "disabled_at": row.failing_since + custom.DISABLED_AFTER
        if row.failing_since and row.state != Domain.State.DISABLED
        else None,
        "created_at": row.created_at,
    }


def address_out(row: Domain) -> dict[str, Any]:
    """Return the organization's address with those it gave up."""
    return {
        "id": row.id,
        "slug": row.host.removesuffix(f".{settings.TENANT_SUFFIX}"),
        "suffix": settings.TENANT_SUFFIX,
        "host": row.host,
        "url": public_url(row.host, ""),
        "is_primary": row.is_primary,
        "former": [
            {"host": old.host, "state": old.state, "redirect_until": old.redirect_until}
            for old in address.former(row.organization_id)
        ],
    }
