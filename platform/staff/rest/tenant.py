"""What the platform announces to the people of an organization, on the organization's own host."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

import tenancy
from core.http.request import Request
from core.http.views import SIGNED_IN, APIView
from staff.announcements.boot import shown_out
from staff.announcements.services import for_page
from staff.models import Announcement


class SurfaceQuery(serializers.Serializer):
    """Where it is to be shown."""

    surface = serializers.ChoiceField(choices=["learn", "studio"])


class AnnouncementShown(serializers.Serializer):
    """An announcement. ``body`` is plain text: blank lines part paragraphs."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    body = serializers.CharField(allow_blank=True)
    tone = serializers.ChoiceField(choices=Announcement.Tone.choices)
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)


class AnnouncementsShown(serializers.Serializer):
    """All that is for this person now, the newest first."""

    items = AnnouncementShown(many=True)


class CurrentAnnouncements(APIView):
    """What is announced now."""

    permissions = {"GET": SIGNED_IN}

    @extend_schema(operation_id="announcements_current", parameters=[SurfaceQuery], responses=AnnouncementsShown)
    def get(self, request: Request) -> Response:
        """Return what this member sees on the surface. Pages start with it; open ones ask again now and then."""
        query = SurfaceQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        shown = for_page(
            surface=query.validated_data["surface"],
            organization_id=tenancy.current().id,
            roles=request.actor.roles,
        )
        return Response({"items": [shown_out(one) for one in shown]})
