"""Courses for the studio: the list, one course, its draft, and publishing it."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from apps.courses import policies, selectors
from apps.courses.rest import serializers as shapes
from apps.courses.services import courses, drafts, publishing
from core.http.idempotency import idempotent
from core.http.pagination import cursor_page
from core.http.preconditions import require_revision
from core.http.request import Request
from core.http.views import APIView

IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER, description='The revision that was seen: "3"')
IDEMPOTENCY_KEY = OpenApiParameter("Idempotency-Key", str, OpenApiParameter.HEADER)


class CourseList(APIView):
    """Every course of the organization."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW, "POST": policies.EDIT}

    @extend_schema(
        operation_id="courses_list",
        parameters=[OpenApiParameter("q", str), OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.CoursePageOut,
    )
    def get(self, request: Request) -> Response:
        rows = selectors.search(request.query_params.get("q", ""))
        return cursor_page(
            request,
            rows,
            order=("-created_at", "-id"),
            serialize=lambda page: list(shapes.CourseOut(page, many=True).data),
        )

    @extend_schema(
        operation_id="courses_create",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.CourseCreateIn,
        responses={201: shapes.CourseOut},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        body = shapes.CourseCreateIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = courses.create_course(member_id=request.actor.member_id, **body.validated_data)
        return Response(shapes.CourseOut(made).data, status=status.HTTP_201_CREATED)


class CourseDetail(APIView):
    """One course: its title, summary and who finds it."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW, "PATCH": policies.EDIT, "DELETE": policies.EDIT}

    @extend_schema(operation_id="courses_read", responses=shapes.CourseOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        return Response(shapes.CourseOut(selectors.course(course_id)).data)

    @extend_schema(
        operation_id="courses_update",
        parameters=[IF_MATCH],
        request=shapes.CoursePatchIn,
        responses=shapes.CourseOut,
    )
    def patch(self, request: Request, course_id: UUID) -> Response:
        body = shapes.CoursePatchIn(data=request.data)
        body.is_valid(raise_exception=True)
        revision = require_revision(request) if "If-Match" in request.headers else None
        courses.edit_course(course_id=course_id, revision=revision, **body.validated_data)
        return Response(shapes.CourseOut(selectors.course(course_id)).data)

    @extend_schema(operation_id="courses_delete", responses={204: None})
    def delete(self, request: Request, course_id: UUID) -> Response:
        courses.remove_course(course_id=course_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Draft(APIView):
    """The tree that authors edit."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW}

    @extend_schema(operation_id="drafts_read", responses=shapes.DraftOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        found = selectors.course(course_id)
        draft = selectors.draft(found)
        return Response(
            {
                "course": shapes.CourseOut(found).data,
                "revision": found.draft_revision,
                "nodes": draft.nodes,
                "bin": shapes.BinnedNodeOut(draft.bin, many=True).data,
                "changes_since_version": len(draft.changes),
            }
        )


class DraftNodeList(APIView):
    """Add an item to a draft."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.EDIT}

    @extend_schema(
        operation_id="draft_nodes_create",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.NodeCreateIn,
        responses={201: shapes.NodeWithBodyOut},
    )
    @idempotent
    def post(self, request: Request, course_id: UUID) -> Response:
        body = shapes.NodeCreateIn(data=request.data)
        body.is_valid(raise_exception=True)
        row = drafts.add_node(course_id=course_id, member_id=request.actor.member_id, **body.validated_data)
        return Response(selectors.node_json(row, None, with_body=True), status=status.HTTP_201_CREATED)


class DraftNodeDetail(APIView):
    """One item of a draft, with its body."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW, "PATCH": policies.EDIT, "DELETE": policies.EDIT}

    @extend_schema(operation_id="draft_nodes_read", responses=shapes.NodeWithBodyOut)
    def get(self, request: Request, course_id: UUID, item: UUID) -> Response:
        return Response(selectors.node_with_body(selectors.node(course_id, item)))

    @extend_schema(
        operation_id="draft_nodes_update",
        parameters=[IF_MATCH],
        request=shapes.NodePatchIn,
        responses=shapes.NodeWithBodyOut,
    )
    def patch(self, request: Request, course_id: UUID, item: UUID) -> Response:
        revision = require_revision(request)
        body = shapes.NodePatchIn(data=request.data)
        body.is_valid(raise_exception=True)
        row = drafts.edit_node(
            course_id=course_id,
            item=item,
            member_id=request.actor.member_id,
            revision=revision,
            title=body.validated_data.get("title"),
            body=body.validated_data.get("body"),
            config=body.validated_data.get("config"),
        )
        return Response(selectors.node_with_body(row))

    @extend_schema(operation_id="draft_nodes_delete", responses={204: None})
    def delete(self, request: Request, course_id: UUID, item: UUID) -> Response:
        drafts.delete_node(course_id=course_id, item=item, member_id=request.actor.member_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class DraftNodeRestore(APIView):
    """Take an item out of the bin."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.EDIT}

    @extend_schema(operation_id="draft_nodes_restore", request=None, responses=shapes.NodeWithBodyOut)
    def post(self, request: Request, course_id: UUID, item: UUID) -> Response:
        row = drafts.restore_node(course_id=course_id, item=item, member_id=request.actor.member_id)
        return Response(selectors.node_with_body(row))


class DraftMoves(APIView):
    """Move an item."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.EDIT}

    @extend_schema(operation_id="draft_moves_create", request=shapes.MoveIn, responses=shapes.NodeWithBodyOut)
    def post(self, request: Request, course_id: UUID) -> Response:
        body = shapes.MoveIn(data=request.data)
        body.is_valid(raise_exception=True)
        row = drafts.move_node(course_id=course_id, member_id=request.actor.member_id, **body.validated_data)
        return Response(selectors.node_with_body(row))


class DraftHistory(APIView):
    """What was changed in a draft, newest first."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW}

    @extend_schema(
        operation_id="draft_history_list",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=shapes.DraftChangePageOut,
    )
    def get(self, request: Request, course_id: UUID) -> Response:
        rows = selectors.history(selectors.course(course_id).id)
        return cursor_page(
            request,
            rows,
            order=("-at", "-id"),
            serialize=lambda page: list(shapes.DraftChangeOut(page, many=True).data),
        )


class PublicationPreview(APIView):
    """What publishing the draft now would change for learners."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW}

    @extend_schema(operation_id="publication_preview_read", responses=shapes.PreviewOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        preview = publishing.preview_publication(course_id)
        return Response(
            {
                "draft_revision": preview.draft_revision,
                "number": preview.number,
                "can_publish": not preview.problems and bool(preview.changes),
                "changes": [shapes.change_json(change) for change in preview.changes],
                "problems": [shapes.note_json(note) for note in preview.problems],
                "warnings": [shapes.note_json(note) for note in preview.warnings],
            }
        )


class Publication(APIView):
    """Make the draft the version that learners get."""

    permissions: ClassVar[dict[str, str]] = {"POST": policies.PUBLISH}

    @extend_schema(
        operation_id="publication_create",
        parameters=[IDEMPOTENCY_KEY],
        request=shapes.PublicationIn,
        responses={201: shapes.VersionOut},
    )
    @idempotent
    def post(self, request: Request, course_id: UUID) -> Response:
        body = shapes.PublicationIn(data=request.data)
        body.is_valid(raise_exception=True)
        version = publishing.publish_course(
            course_id=course_id, member_id=request.actor.member_id, note=body.validated_data.get("note", "")
        )
        return Response(shapes.version_json(version), status=status.HTTP_201_CREATED)


class VersionList(APIView):
    """Every version of a course, newest first."""

    permissions: ClassVar[dict[str, str]] = {"GET": policies.VIEW}

    @extend_schema(operation_id="course_versions_list", responses=shapes.VersionListOut)
    def get(self, request: Request, course_id: UUID) -> Response:
        found = selectors.versions(selectors.course(course_id).id)
        return Response({"items": [shapes.version_json(version) for version in found], "next": None})
