"""Seats over HTTP: what whoever invites must know before."""

from __future__ import annotations

from dataclasses import asdict

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from apps.accounts import policies
from apps.accounts.seats import seats
from core.http.request import Request
from core.http.views import APIView


class SeatsOut(serializers.Serializer):
    """Null: no end to them, or nothing is charged for one."""

    used = serializers.IntegerField()
    limit = serializers.IntegerField(allow_null=True)
    free = serializers.IntegerField(allow_null=True)
    invited = serializers.IntegerField(help_text="Open invitations: each wants a seat when it is accepted.")
    plan = serializers.CharField()
    seat_minor = serializers.IntegerField(allow_null=True, help_text="What one more costs an interval, before tax.")
    currency = serializers.CharField(allow_null=True)
    interval = serializers.CharField(allow_null=True)


class SeatsView(APIView):
    """How many more people there is room for."""

    permissions = {"GET": policies.VIEW_PEOPLE}

    @extend_schema(operation_id="seats_read", responses=SeatsOut)
    def get(self, request: Request) -> Response:
        """Return how many seats there are, taken and free, and what one more would cost."""
        return Response(asdict(seats()))
