"""Shapes of plans and versions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from billing.api import Feature, finance
from core.clock import iso


class FeatureOut(serializers.Serializer):
    """A feature: a switch, a limit or a meter, with its unit."""

    key = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)


class BroughtOut(serializers.Serializer):
    """What a version brings of a feature: null is without end; so much more for each seat."""

    feature = serializers.CharField()
    value = serializers.IntegerField(allow_null=True)
    per_seat = serializers.IntegerField()


class PriceOut(serializers.Serializer):
    """What a seat costs for an interval."""

    currency = serializers.CharField()
    interval = serializers.CharField()
    seat_minor = serializers.IntegerField()


class StandingsOut(serializers.Serializer):
    """How many organizations have it, by how they stand. ``given`` are those that staff put there."""

    trialing = serializers.IntegerField()
    active = serializers.IntegerField()
    past_due = serializers.IntegerField()
    read_only = serializers.IntegerField()  # type: ignore[assignment]  # a field of ours, not the field's
    given = serializers.IntegerField()


class VersionOut(serializers.Serializer):
    """A version. ``prices_made`` of ``prices_wanted`` are at Stripe."""

    number = serializers.IntegerField()
    sold_from = serializers.DateTimeField()
    sold_until = serializers.DateTimeField(allow_null=True)
    seats_min = serializers.IntegerField()
    prices = PriceOut(many=True)
    brings = BroughtOut(many=True)
    organizations = StandingsOut()
    prices_wanted = serializers.IntegerField()
    prices_made = serializers.IntegerField()


class PlanOut(serializers.Serializer):
    """A plan, its versions newest first."""

    key = serializers.CharField()
    name = serializers.CharField()
    state = serializers.CharField()
    product = serializers.CharField(allow_null=True)
    versions = VersionOut(many=True)


class PlanListOut(serializers.Serializer):
    """Every plan, and every feature there is."""

    items = PlanOut(many=True)
    features = FeatureOut(many=True)


def plans_out(plans: Iterable[finance.Sold], features: Iterable[Feature]) -> dict[str, Any]:
    """Return plans as :class:`PlanListOut`."""
    return {
        "items": [
            {
                "key": sold.plan.key,
                "name": sold.plan.name,
                "state": sold.plan.state,
                "product": sold.plan.stripe_product,
                "versions": [_version(version) for version in sold.versions],
            }
            for sold in plans
        ],
        "features": [{"key": one.key, "name": one.name, "kind": one.kind, "unit": one.unit} for one in features],
    }


def _version(version: finance.Version) -> dict[str, Any]:
    row = version.row
    return {
        "number": row.number,
        "sold_from": iso(row.sold_from),
        "sold_until": iso(row.sold_until) if row.sold_until else None,
        "seats_min": row.seats_min,
        "prices": [
            {"currency": currency, "interval": interval, "seat_minor": price["seat_minor"]}
            for currency, prices in row.prices.items()
            for interval, price in prices.items()
        ],
        "brings": [
            {"feature": one.feature, "value": one.value, "per_seat": one.per_seat} for one in row.entitlements.all()
        ],
        "organizations": {str(name): version.standings[name] for name in finance.STANDINGS},
        "prices_wanted": version.prices,
        "prices_made": version.prices_made,
    }
