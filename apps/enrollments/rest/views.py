"""Leave a course, or be taken off it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from apps.enrollments import policies, selectors, services
from apps.enrollments.errors import EnrollmentNotFound
from core.http.request import Request
from core.http.views import SIGNED_IN, APIView


class WithdrawalOut(serializers.Serializer):
    """The state of an enrollment after it was left."""

    id = serializers.UUIDField()
    state = serializers.CharField()


class Withdrawal(APIView):
    """Leave a course; what was done stays, and is there again on return."""

    permissions: ClassVar[dict[str, str]] = {"POST": SIGNED_IN}

    @extend_schema(operation_id="enrollments_withdraw", request=None, responses=WithdrawalOut)
    def post(self, request: Request, enrollment_id: UUID) -> Response:
        found = selectors.own(enrollment_id, request.actor.member_id)
        left = services.withdraw(enrollment_id=found.id)
        return Response({"id": str(left.id), "state": left.state})


class CourseEnrollment(APIView):
    """One enrollment of a course, for its teachers."""

    permissions: ClassVar[dict[str, str]] = {"DELETE": policies.MANAGE}

    @extend_schema(operation_id="course_enrollments_withdraw", responses={204: None})
    def delete(self, request: Request, course_id: UUID, enrollment_id: UUID) -> Response:
        if selectors.enrollment(enrollment_id).course_id != course_id:
            raise EnrollmentNotFound
        services.withdraw(enrollment_id=enrollment_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
