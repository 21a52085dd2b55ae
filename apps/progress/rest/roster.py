"""Who is on a course and how far they are, for those who teach it."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from apps.accounts import api as accounts
from apps.courses import api as courses
from apps.enrollments import api as enrollments
from apps.enrollments.dto import EnrollmentRecord
from apps.progress import selectors
from apps.progress.rest import serializers as shapes
from apps.progress.services import enrolling
from core.clock import iso
from core.http.idempotency import idempotent
from core.http.pagination import cursor_page
from core.http.request import Request
from core.http.views import APIView

VIEW = "enrollments.view"
MANAGE = "enrollments.manage"


class CourseEnrollments(APIView):
    """Everybody on a course."""

    permissions: ClassVar[dict[str, str]] = {"GET": VIEW, "POST": MANAGE}

    @extend_schema(
        operation_id="course_enrollments_list",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.RosterPageOut,
    )
    def get(self, request: Request, course_id: UUID) -> Response:
        rows = enrollments.roster(courses.course(course_id).id)
        return cursor_page(request, rows, order=("-created_at", "-id"), serialize=_entries)

    @extend_schema(
        operation_id="course_enrollments_create",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=shapes.RosterIn,
        responses={200: shapes.RosterEntryOut, 201: shapes.RosterEntryOut},
    )
    @idempotent
    def post(self, request: Request, course_id: UUID) -> Response:
        body = shapes.RosterIn(data=request.data)
        body.is_valid(raise_exception=True)
        found, opened = enrolling.enroll_by_staff(
            actor=request.actor,
            course_id=course_id,
            member_id=body.validated_data.get("member"),
            email=body.validated_data.get("email"),
        )
        return Response(_entry_list([found])[0], status=status.HTTP_201_CREATED if opened else status.HTTP_200_OK)


def _entries(page: list[Any]) -> list[dict[str, Any]]:
    return _entry_list([enrollments.record(row) for row in page])


def _entry_list(records: list[EnrollmentRecord]) -> list[dict[str, Any]]:
    members = accounts.cards(record.member_id for record in records)
    progress = selectors.summaries(records)
    return [
        {
            "id": str(record.id),
            "member": {
                "id": str(record.member_id),
                "name": members[record.member_id].name if record.member_id in members else "",
                "email": members[record.member_id].email if record.member_id in members else None,
            },
            "state": record.state,
            "source": record.source,
            "created_at": iso(record.created_at),
            "started_at": iso(record.started_at) if record.started_at else None,
            "completed_at": iso(record.completed_at) if record.completed_at else None,
            "progress": progress[record.id].as_json(),
        }
        for record in records
    ]
