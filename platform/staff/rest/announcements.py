"""Announcements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.http.pagination import cursor_page
from core.http.request import Request
from staff import policies
from staff.announcements import services
from staff.models import Announcement
from staff.rest.serializers.operations import (
    AnnouncementChange,
    AnnouncementIn,
    AnnouncementList,
    AnnouncementOut,
    announcement_out,
)
from staff.rest.views import StaffAPIView, actor_of


def _fields(given: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in given.items() if name != "audience"}
    for name, values in (given.get("audience") or {}).items():
        fields[name] = list(dict.fromkeys(values))
    return fields


class AnnouncementListView(StaffAPIView):
    """Every announcement."""

    permissions = {"GET": policies.VIEW, "POST": policies.OPERATE}

    @extend_schema(operation_id="announcements_list", responses=AnnouncementList)
    def get(self, request: Request) -> Response:
        """Return a page of them, the latest start first."""
        return cursor_page(
            request,
            Announcement.objects.all(),
            order=("-starts_at", "-id"),
            serialize=lambda rows: [announcement_out(row) for row in rows],
        )

    @extend_schema(operation_id="announcements_create", request=AnnouncementIn, responses={201: AnnouncementOut})
    def post(self, request: Request) -> Response:
        """Make one. Without a start it shows at once."""
        body = AnnouncementIn(data=request.data)
        body.is_valid(raise_exception=True)
        made = services.create(created_by=actor_of(request).staff_id, **_fields(body.validated_data))
        return Response(announcement_out(made), status=status.HTTP_201_CREATED)


class AnnouncementDetail(StaffAPIView):
    """One announcement."""

    permissions = {"PATCH": policies.OPERATE, "DELETE": policies.OPERATE}

    @extend_schema(operation_id="announcements_change", request=AnnouncementChange, responses=AnnouncementOut)
    def patch(self, request: Request, announcement_id: UUID) -> Response:
        """Change it. Pages that are open learn of it when they look again."""
        body = AnnouncementChange(data=request.data)
        body.is_valid(raise_exception=True)
        return Response(announcement_out(services.change(announcement_id, **_fields(body.validated_data))))

    @extend_schema(operation_id="announcements_remove", responses={204: None})
    def delete(self, request: Request, announcement_id: UUID) -> Response:
        """Remove it."""
        services.remove(announcement_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CurrentAnnouncements(StaffAPIView):
    """What is announced to staff now."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="announcements_current", responses=AnnouncementList)
    def get(self, request: Request) -> Response:
        """Return what this person sees in the console, the newest first."""
        shown = services.for_page(surface="staff", organization_id=None, roles=actor_of(request).roles)
        rows = Announcement.objects.filter(id__in=[one.id for one in shown]).order_by("-starts_at", "-id")
        return Response({"items": [announcement_out(row) for row in rows], "next": None})
