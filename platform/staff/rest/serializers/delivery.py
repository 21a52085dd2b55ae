"""Shapes of the delivery of films: distributions, quotas, and how organizations stand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from rest_framework import serializers

from core.clock import iso
from media import api as media
from staff.console.delivery import ONLY, STRATEGIES

EDGES = ("local", "cloudfront")
POOL_KINDS = ("shared", "template")
STATES = ("pending", "deployed", "revoked")
PHASES = ("preparing", "both", "switching", "settling")
QUOTAS = ("public_keys", "key_groups", "distribution_tenants", "behaviours", "aliases")


class QuotaOut(serializers.Serializer):
    """How much of a quota is used. ``kept_free`` of it is left to those who change a distribution by hand."""

    name = serializers.ChoiceField(choices=QUOTAS)
    used = serializers.IntegerField()
    limit = serializers.IntegerField()
    kept_free = serializers.IntegerField()


class DistributionOut(serializers.Serializer):
    """A distribution as whoever looked last saw it; ``looked_at`` null: nobody has yet.

    ``organizations`` are served by it, ``leaving`` or coming ones are on their way between two. ``key_groups`` and
    ``public_keys`` are those that it trusts of organizations. ``is_set`` false: the settings name it no more.
    """

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=POOL_KINDS)
    is_set = serializers.BooleanField()
    is_deployed = serializers.BooleanField(help_text="false: a change is on its way to CloudFront's places.")
    problem = serializers.CharField(allow_blank=True)
    looked_at = serializers.DateTimeField(allow_null=True)
    written_at = serializers.DateTimeField(allow_null=True)
    written_by = serializers.CharField(allow_blank=True, help_text="Machine and process that changed it last.")
    organizations = serializers.IntegerField()
    leaving = serializers.IntegerField()
    key_groups = serializers.IntegerField()
    public_keys = serializers.IntegerField()
    quotas = QuotaOut(many=True)
    has_room = serializers.BooleanField()


class DeliveryOut(serializers.Serializer):
    """The edge as a whole. ``local``: this installation's own, which has neither distributions nor quotas."""

    edge = serializers.ChoiceField(choices=EDGES)
    distributions = DistributionOut(many=True)
    account = QuotaOut(many=True)
    organizations = serializers.IntegerField()
    moving = serializers.IntegerField()
    pending = serializers.IntegerField()
    troubled = serializers.IntegerField()
    without_place = serializers.IntegerField()


class StandingOut(serializers.Serializer):
    """How an organization's films are delivered.

    While it moves both distributions serve it, and ``next_at`` is when the move may go on at the soonest. ``choices``
    are the strategies that it can be moved to now; the one that it has calls a move off.
    """

    organization_id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    strategy = serializers.ChoiceField(choices=STRATEGIES)
    distribution = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    phase = serializers.ChoiceField(choices=PHASES, allow_null=True, help_text="Of a move, or null.")
    phase_since = serializers.DateTimeField(allow_null=True)
    next_at = serializers.DateTimeField(allow_null=True)
    other_distribution = serializers.CharField(allow_blank=True)
    is_settled = serializers.BooleanField(help_text="Whether the edge is known to hold everything.")
    problem = serializers.CharField(allow_blank=True)
    hosts = serializers.ListField(child=serializers.CharField())
    changed_at = serializers.DateTimeField()
    choices = serializers.ListField(child=serializers.ChoiceField(choices=STRATEGIES))


class StandingPage(serializers.Serializer):
    """A page of organizations, in the order in which they came."""

    items = StandingOut(many=True)
    next = serializers.CharField(allow_null=True)


class StandingQuery(serializers.Serializer):
    """Which organizations: those with a place in a distribution, or those that want something."""

    pool = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    only = serializers.ChoiceField(choices=ONLY, required=False, default="", allow_blank=True)


class DeliveryMoveIn(serializers.Serializer):
    """Where to, and why. ``pool`` is the shared distribution to go to; without it, the first with room."""

    strategy = serializers.ChoiceField(choices=STRATEGIES)
    pool = serializers.CharField(max_length=64, required=False, default="", allow_blank=True)
    reason = serializers.CharField(max_length=2000)


def delivery_out(found: media.Edge) -> dict[str, Any]:
    """Return the edge for DeliveryOut."""
    return {
        "edge": found.kind,
        "distributions": [_distribution(one) for one in found.pools],
        "account": [_quota(one) for one in found.account],
        "organizations": found.organizations,
        "moving": found.moving,
        "pending": found.pending,
        "troubled": found.troubled,
        "without_place": found.without_place,
    }


def standing_out(found: media.Standing, name: str) -> dict[str, Any]:
    """Return an organization's standing for StandingOut."""
    return {
        "organization_id": str(found.organization_id),
        "name": name,
        "strategy": found.strategy,
        "distribution": found.pool,
        "state": found.state,
        "phase": found.phase or None,
        "phase_since": _iso(found.phase_since),
        "next_at": _iso(found.next_at),
        "other_distribution": found.other_pool,
        "is_settled": found.is_settled,
        "problem": found.problem,
        "hosts": list(found.hosts),
        "changed_at": iso(found.changed_at),
        "choices": list(found.choices),
    }


def _distribution(one: media.Pool) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "is_set": one.is_set,
        "is_deployed": one.is_deployed,
        "problem": one.problem,
        "looked_at": _iso(one.looked_at),
        "written_at": _iso(one.written_at),
        "written_by": one.written_by,
        "organizations": one.organizations,
        "leaving": one.leaving,
        "key_groups": one.key_groups,
        "public_keys": one.public_keys,
        "quotas": [_quota(figure) for figure in one.figures],
        "has_room": one.has_room,
    }


def _quota(one: media.Used) -> dict[str, Any]:
    return {"name": one.name, "used": one.used, "limit": one.limit, "kept_free": one.kept_free}


def _iso(moment: datetime | None) -> str | None:
    return iso(moment) if moment is not None else None
