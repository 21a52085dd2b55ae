"""Shapes of the fleet's capacity and of idle organizations."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.conf import settings
from rest_framework import serializers

from core.clock import iso
from staff.console import capacity
from staff.console.capacity import Capacity
from staff.rest.serializers.organizations import STATES
from tenants import api as tenants

POOL_STATES = ("full", "filling", "capped")
LONGEST_DAYS = 3650


class PoolOut(serializers.Serializer):
    """Warm schemas. ``capped`` means that the hour's cap forbids to build until ``capped_until``.

    ``target`` follows ``busiest_ten_minutes`` of the last hours between ``floor`` and ``ceiling``; ``missing`` are
    being built. ``outdated`` ones are of an older release and will be dropped.
    """

    state = serializers.ChoiceField(choices=POOL_STATES)
    ready = serializers.IntegerField()
    target = serializers.IntegerField()
    missing = serializers.IntegerField()
    outdated = serializers.IntegerField()
    floor = serializers.IntegerField()
    ceiling = serializers.IntegerField()
    busiest_ten_minutes = serializers.IntegerField()
    built_last_hour = serializers.IntegerField()
    taken_last_hour = serializers.IntegerField()
    cap_an_hour = serializers.IntegerField()
    capped_until = serializers.DateTimeField(allow_null=True)
    last_built_at = serializers.DateTimeField(allow_null=True)
    oldest_built_at = serializers.DateTimeField(allow_null=True)


class BackendsOut(serializers.Serializer):
    """Connections of one login from one kind of process. Of other logins PostgreSQL tells the count alone."""

    login = serializers.CharField()
    process = serializers.CharField(allow_blank=True)
    count = serializers.IntegerField()
    active = serializers.IntegerField()
    idle = serializers.IntegerField()
    idle_in_transaction = serializers.IntegerField()
    waiting_for_lock = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True)
    longest_statement_seconds = serializers.FloatField(allow_null=True)


class ConnectionsOut(serializers.Serializer):
    """How many connections there are, of how many that the server takes from us."""

    used = serializers.IntegerField()
    limit = serializers.IntegerField()
    backends = BackendsOut(many=True)


class SchemasOut(serializers.Serializer):
    """All schemas together: ``bytes`` is of the ``measured`` ones, each measured once a day."""

    organizations = serializers.IntegerField()
    measured = serializers.IntegerField()
    bytes = serializers.IntegerField()


class RateOut(serializers.Serializer):
    """A rate limit."""

    name = serializers.CharField()
    quota = serializers.IntegerField()
    window_seconds = serializers.IntegerField()


class LimitsOut(serializers.Serializer):
    """Settings of the web processes. ``connection_tenants`` 0 means that connections end by age alone."""

    connection_max_age_seconds = serializers.IntegerField()
    connection_tenants = serializers.IntegerField()
    web_share_percent = serializers.IntegerField()
    web_steady_percent = serializers.IntegerField()
    rates = RateOut(many=True)


class CapacityOut(serializers.Serializer):
    """What the fleet takes of the machine."""

    pool = PoolOut()
    connections = ConnectionsOut()
    schemas = SchemasOut()
    limits = LimitsOut()


class IdleLine(serializers.Serializer):
    """An organization that nobody uses. ``active_on`` is when somebody was seen last, or when it was made.

    Sizes of the schema are as of ``schema_counted_at``, null before it was measured; the rest as of ``as_of``.
    """

    id = serializers.UUIDField()
    name = serializers.CharField()
    host = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(choices=STATES)
    plan = serializers.CharField()
    active_on = serializers.DateField()
    idle_days = serializers.IntegerField()
    last_seen_on = serializers.DateField(allow_null=True)
    created_at = serializers.DateTimeField()
    members = serializers.IntegerField()
    storage_bytes = serializers.IntegerField()
    schema_bytes = serializers.IntegerField(allow_null=True)
    schema_tables = serializers.IntegerField(allow_null=True)
    schema_tables_used = serializers.IntegerField(allow_null=True)
    schema_counted_at = serializers.DateTimeField(allow_null=True)
    release = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)


class IdlePage(serializers.Serializer):
    """A page of them, and what all that were found take together."""

    items = IdleLine(many=True)
    next = serializers.CharField(allow_null=True)
    total = serializers.IntegerField()
    storage_bytes = serializers.IntegerField()
    schema_bytes = serializers.IntegerField()


class IdleQuery(serializers.Serializer):
    """Idle for how many days; ``order`` is one of active, name, storage, schema and members, ``-`` for descending."""

    days = serializers.IntegerField(min_value=1, max_value=LONGEST_DAYS, required=False, default=90)
    state = serializers.ChoiceField(
        choices=["", *(state.value for state in tenants.WITH_SCHEMA)], required=False, default=""
    )
    order = serializers.CharField(max_length=20, required=False, default="active")


def capacity_out(found: Capacity) -> dict[str, Any]:
    """Return it as the API shows it."""
    pool = found.pool
    return {
        "pool": {
            "state": pool.state,
            "ready": pool.ready,
            "target": pool.target,
            "missing": pool.missing,
            "outdated": pool.outdated,
            "floor": settings.POOL_TARGET,
            "ceiling": settings.POOL_CEILING,
            "busiest_ten_minutes": pool.busiest_ten_minutes,
            "built_last_hour": pool.built_last_hour,
            "taken_last_hour": pool.taken_last_hour,
            "cap_an_hour": settings.POOL_CAP,
            "capped_until": iso(pool.capped_until) if pool.capped_until else None,
            "last_built_at": iso(pool.last_built_at) if pool.last_built_at else None,
            "oldest_built_at": iso(pool.oldest_built_at) if pool.oldest_built_at else None,
        },
        "connections": {
            "used": found.connections.used,
            "limit": found.connections.limit,
            "backends": [
                {**asdict(one), "oldest_at": iso(one.oldest_at) if one.oldest_at else None}
                for one in found.connections.backends
            ],
        },
        "schemas": asdict(found.schemas),
        "limits": capacity.limits(),
    }
