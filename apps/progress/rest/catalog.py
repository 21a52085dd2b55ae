"""The catalogue: what can be learned here, and what the reader is on already."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from apps.courses import api as courses
from apps.courses.dto import CourseCard
from apps.courses.errors import CourseNotFound
from apps.progress import selectors
from apps.progress.rest import serializers as shapes
from core.http.pagination import cursor_page
from core.http.request import Request
from core.http.views import PUBLIC, APIView


class CatalogList(APIView):
    """Courses that are offered: to everybody, and to members what is for members."""

    permissions: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(
        operation_id="catalog_list",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.CatalogPageOut,
    )
    def get(self, request: Request) -> Response:
        own = _own(request)

        def serialize(page: list[Any]) -> list[dict[str, Any]]:
            cards = [courses.card(row) for row in page]
            sizes = courses.sizes(card.current_version_id for card in cards if card.current_version_id)
            return [
                _card(card, sizes.get(card.current_version_id, (0, 0)) if card.current_version_id else (0, 0), own)
                for card in cards
            ]

        return cursor_page(request, courses.offered(request.visitor), order=("-created_at", "-id"), serialize=serialize)


class CatalogDetail(APIView):
    """One course of the catalogue with its outline. Who is on a course by invitation finds it too."""

    permissions: ClassVar[dict[str, str]] = {"GET": PUBLIC}

    @extend_schema(operation_id="catalog_read", responses=shapes.CatalogDetailOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        own = _own(request)
        row = courses.offered_course(course_id, request.visitor, even_by_invitation=course_id in own)
        card = courses.card(row)
        if card.current_version_id is None:
            raise CourseNotFound
        outline = courses.outline(card.current_version_id)
        size = (len(outline.lessons), sum(entry.duration_ms or 0 for entry in outline.lessons))
        return Response(
            {
                **_card(card, size, own),
                "version": {"number": outline.number},
                "modules": [
                    {**module, "lessons": [line.shown for line in lessons]} for module, lessons in outline.lines
                ],
            }
        )


def _own(request: Request) -> dict[UUID, selectors.Course]:
    """Return the reader's open courses."""
    if request.visitor is None:
        return {}
    found = selectors.own_courses(request.actor.member_id)
    return {course.learning.course_id: course for course in found if course.learning.state == "active"}


def _card(card: CourseCard, size: tuple[int, int], own: dict[UUID, selectors.Course]) -> dict[str, Any]:
    mine = own.get(card.id)
    return {
        "id": str(card.id),
        "slug": card.slug,
        "title": card.title,
        "summary": card.summary,
        "visibility": card.visibility,
        "lessons": size[0],
        "duration_ms": size[1],
        "enrollment": {"id": str(mine.learning.enrollment_id), "progress": mine.progress.as_json()} if mine else None,
    }
