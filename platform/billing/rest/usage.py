"""HTTP of what an organization uses: the month's page, and what happens beyond what the plan includes."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

import tenancy
from billing.policies import MANAGE_BILLING, VIEW_BILLING
from billing.usage import caps, page
from core.errors import ValidationFailed
from core.http.request import Request
from core.http.views import APIView

# The right of the usage page, with the other rights over organizations.
VIEW_USAGE = "usage.view"
MODES = ("cap", "overage")


class PeriodOut(serializers.Serializer):
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class AlertOut(serializers.Serializer):
    """Owners were told that so much was used."""

    percent = serializers.IntegerField()
    told_at = serializers.DateTimeField()


class UsageMeterOut(serializers.Serializer):
    """One meter in one month. Of a gauge everything that is only of a month is null.

    ``included`` null: without end, or of a month that is over. Money (``…_minor``, ``overage_price``, ``currency``) is
    null to who may not see billing, and where more cannot be paid for. ``overage_price`` is for one GB or minute, in
    major units. ``forecast_by`` says how: by the same weekdays before, or by the month's rate so far.
    """

    meter = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.ChoiceField(choices=["bytes", "seconds", "count"])
    kind = serializers.ChoiceField(choices=["limit", "meter"])
    used = serializers.IntegerField()
    reserved = serializers.IntegerField()
    included = serializers.IntegerField(allow_null=True)
    percent = serializers.IntegerField(allow_null=True)
    mode = serializers.ChoiceField(choices=MODES, allow_null=True)
    overage_amount = serializers.IntegerField(allow_null=True)
    overage_minor = serializers.IntegerField(allow_null=True)
    overage_price = serializers.CharField(allow_null=True)
    currency = serializers.CharField(allow_null=True)
    forecast = serializers.IntegerField(allow_null=True)
    forecast_by = serializers.ChoiceField(choices=["weekdays", "rate"], allow_null=True)
    forecast_minor = serializers.IntegerField(allow_null=True)
    alerts = AlertOut(many=True)


class UsageOfCourseOut(serializers.Serializer):
    """What one course took. ``course_id`` null: what is shown in several courses, or in none."""

    course_id = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    delivered_bytes = serializers.IntegerField()
    transcode_seconds = serializers.IntegerField()
    storage_bytes = serializers.IntegerField()


class UsageMonthOut(serializers.Serializer):
    month = serializers.CharField(help_text="2026-11")
    delivered_bytes = serializers.IntegerField()
    transcode_seconds = serializers.IntegerField()


class BillingUsageOut(serializers.Serializer):
    """A month's usage. ``is_measured``: whether this installation counts what it delivers."""

    period = PeriodOut()
    is_measured = serializers.BooleanField()
    meters = UsageMeterOut(many=True)
    by_course = UsageOfCourseOut(many=True)
    months = UsageMonthOut(many=True)


class OverageIn(serializers.Serializer):
    """What happens beyond what is included: it waits, or it is paid for."""

    delivered_bytes = serializers.ChoiceField(choices=MODES, required=False)
    transcode_seconds = serializers.ChoiceField(choices=MODES, required=False)


class BillingUsage(APIView):
    """What the organization used in a month."""

    permissions: ClassVar[dict[str, str]] = {"GET": VIEW_USAGE}

    @extend_schema(
        operation_id="billing_usage_read",
        parameters=[OpenApiParameter("month", str, description="2026-11. Default: the month that runs.")],
        responses=BillingUsageOut,
    )
    def get(self, request: Request) -> Response:
        """Return meters with forecast and what was told, amounts by course, and the last twelve months."""
        return Response(_body(request, _month(request.query_params.get("month", ""))))


class Overage(APIView):
    """What happens beyond what the plan includes."""

    permissions: ClassVar[dict[str, str]] = {"PUT": MANAGE_BILLING}
    open_when: ClassVar[frozenset[str]] = frozenset({"read_only"})

    @extend_schema(operation_id="overage_choose", request=OverageIn, responses=BillingUsageOut)
    def put(self, request: Request) -> Response:
        """Let it wait, or pay for it as it is used: for each meter that is named. It holds from now on."""
        body = OverageIn(data=request.data)
        body.is_valid(raise_exception=True)
        organization_id = tenancy.current().id
        with tenancy.platform():
            caps.choose(organization_id, body.validated_data)
        return Response(_body(request, None))


def _body(request: Request, month: date | None) -> dict[str, Any]:
    organization_id = tenancy.current().id
    with tenancy.platform():
        found = page.figures(organization_id, month, with_money=request.actor.can(VIEW_BILLING))
    by_course = import_string(settings.USAGE_BY_COURSE)(found.delivered, found.encoded)
    return {**found.body, "by_course": by_course}


def _month(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise ValidationFailed(errors={"month": "A month is written as 2026-11."}) from error
