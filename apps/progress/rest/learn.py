"""A learner's courses: the list, the outline, a lesson, and what they do in it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from apps.library import api as library
from apps.progress import policies, selectors
from apps.progress.errors import NothingToPlay
from apps.progress.rest import pages
from apps.progress.rest import serializers as shapes
from apps.progress.rest.beacons import beacon_of
from apps.progress.services import enrolling, recording
from core.http.idempotency import idempotent
from core.http.request import Request
from core.http.views import SIGNED_IN, APIView

ENROLL_SELF = "enrollments.enroll_self"


class EnrollmentList(APIView):
    """The courses that the learner is on."""

    permissions: ClassVar[dict[str, str]] = {"GET": SIGNED_IN, "POST": ENROLL_SELF}

    @extend_schema(operation_id="enrollments_list", responses=shapes.EnrollmentListOut)
    def get(self, request: Request) -> Response:
        found = selectors.own_courses(request.actor.member_id)
        return Response({"items": pages.enrollment_cards(found), "next": None})

    @extend_schema(
        operation_id="enrollments_create",
        parameters=[OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)],
        request=shapes.EnrollIn,
        responses={200: shapes.EnrollmentCardOut, 201: shapes.EnrollmentCardOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = shapes.EnrollIn(data=request.data)
        body.is_valid(raise_exception=True)
        found, opened = enrolling.enroll_self(actor=request.actor, course_id=body.validated_data["course"])
        course = selectors.own_course(found.id, request.actor.member_id)
        return Response(
            pages.enrollment_cards([course])[0], status=status.HTTP_201_CREATED if opened else status.HTTP_200_OK
        )


class EnrollmentDetail(APIView):
    """One course of the learner."""

    permissions: ClassVar[dict[str, str]] = {"GET": SIGNED_IN}

    @extend_schema(operation_id="enrollments_read", responses=shapes.EnrollmentCardOut)
    def get(self, request: Request, enrollment_id: UUID) -> Response:
        return Response(pages.enrollment_cards([selectors.own_course(enrollment_id, request.actor.member_id)])[0])


class Outline(APIView):
    """The outline of the learner's course."""

    permissions: ClassVar[dict[str, str]] = {"GET": SIGNED_IN}

    @extend_schema(operation_id="enrollments_outline", responses=shapes.OutlineOut)
    def get(self, request: Request, enrollment_id: UUID) -> Response:
        return Response(pages.outline_page(selectors.own_course(enrollment_id, request.actor.member_id)))


class Lesson(APIView):
    """One lesson of the learner's course."""

    permissions: ClassVar[dict[str, str]] = {"GET": SIGNED_IN}

    @extend_schema(operation_id="lessons_read", responses=shapes.LessonOut)
    def get(self, request: Request, enrollment_id: UUID, item: UUID) -> Response:
        return Response(pages.lesson_page(selectors.own_lesson(enrollment_id, request.actor.member_id, item)))


class Completion(APIView):
    """Complete a lesson that is completed by opening it or by saying so. Repeating is harmless."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.RECORD}

    @extend_schema(operation_id="lessons_complete", request=None, responses=shapes.StandpointOut)
    def post(self, request: Request, enrollment_id: UUID, item: UUID) -> Response:
        point = recording.complete_by_hand(enrollment_id=enrollment_id, member_id=request.actor.member_id, item=item)
        return Response(pages.standpoint_json(point))


class PlayBeacons(APIView):
    """Reports of the player. Each (play_session, seq) counts once, so a report may be sent again."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.RECORD}
    # A page that is being closed can only use navigator.sendBeacon, which sets no headers.
    csrf_in_body = True

    @extend_schema(operation_id="play_beacons_create", request=shapes.BeaconIn, responses=shapes.StandpointOut)
    def post(self, request: Request, enrollment_id: UUID) -> Response:
        point = recording.record_beacon(
            enrollment_id=enrollment_id, member_id=request.actor.member_id, beacon=beacon_of(request.data)
        )
        return Response(pages.standpoint_json(point))


class LessonGrant(APIView):
    """Permission to play the video of a lesson."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.PLAY}
    open_when: ClassVar[frozenset[str]] = frozenset({"frozen"})

    @extend_schema(operation_id="lessons_grant", request=None, responses=shapes.GrantOut)
    def post(self, request: Request, enrollment_id: UUID, item: UUID) -> Response:
        lesson = selectors.own_lesson(enrollment_id, request.actor.member_id, item)
        if lesson.entry.asset_id is None:
            raise NothingToPlay
        grant = library.grant_for_enrollment(
            member_id=request.actor.member_id,
            enrollment_id=enrollment_id,
            course_id=lesson.course.learning.course_id,
            asset_id=lesson.entry.asset_id,
            ip=request.META.get("REMOTE_ADDR", ""),
        )
        response = Response(library.grant_body(grant))
        library.set_grant_cookies(response, grant)
        return response
