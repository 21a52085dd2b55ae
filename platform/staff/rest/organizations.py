"""Organizations: the list, one's saved views of it, and each one's page."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from core.clock import now
from core.errors import NotFound
from core.http.pagination import cursor_page
from core.http.request import Request
from staff import audit, policies
from staff.console import directory, page, timeline
from staff.console.directory import Query
from staff.models import OrganizationNote, SavedView
from staff.rest.downloads import csv_download
from staff.rest.serializers.organizations import (
    ListQuery,
    NoteIn,
    NoteOut,
    NotePage,
    OrganizationOut,
    OrganizationPage,
    PeopleOut,
    SavedViewIn,
    SavedViewList,
    SavedViewOut,
    TimelineOut,
    line_out,
    moment_out,
    note_out,
    page_out,
    view_out,
)
from staff.rest.views import StaffAPIView, actor_of
from tenants import api as tenants

_FILTERS = [
    OpenApiParameter("state", str, many=True),
    OpenApiParameter("plan", str, many=True),
    OpenApiParameter("payment", str, many=True),
    OpenApiParameter("cursor", str),
    OpenApiParameter("limit", int),
]


def query_of(request: Request) -> Query:
    """Return what the request asks the list for.

    Raises:
        ValidationError: a filter is none.
    """
    asked = ListQuery(data={key: request.query_params[key] for key in request.query_params})
    asked.is_valid(raise_exception=True)
    given = asked.validated_data
    return Query(
        words=given["q"].strip(),
        states=_many(request, "state"),
        plans=_many(request, "plan"),
        payments=_many(request, "payment"),
        health=given["health"],
        storage_over=given["storage_over"],
        created_after=given["created_after"],
        created_before=given["created_before"],
        behind=given["behind"],
        order=given["order"],
    )


def _many(request: Request, name: str) -> tuple[str, ...]:
    return tuple(part for value in request.query_params.getlist(name) for part in value.split(",") if part)


class OrganizationList(StaffAPIView):
    """Every organization there is or was."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="organizations_list", parameters=[ListQuery, *_FILTERS], responses=OrganizationPage)
    def get(self, request: Request) -> Response:
        """Return a page of what the filters find.

        ``q`` is a name, a host, an owner's whole address, a Stripe customer (``cus_…``) or an id. ``order`` is one of
        name, created, storage, members, health and last_seen, with ``-`` for descending.
        """
        query = query_of(request)
        directory.fresh()
        response = cursor_page(
            request,
            directory.matching(query),
            order=directory.order_of(query),
            serialize=lambda rows: [line_out(row) for row in rows],
        )
        response.data["total"] = directory.total(query)
        response.data["current_release"] = tenants.current_release()
        response.data["facets"] = directory.facets()
        return response


class OrganizationCsv(StaffAPIView):
    """The whole filtered list as a file."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(
        operation_id="organizations_csv",
        parameters=[ListQuery, *_FILTERS[:3]],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream every organization that the filters find. The download is recorded."""
        query = query_of(request)
        directory.order_of(query)
        directory.fresh()
        with transaction.atomic():
            audit.record(
                "organizations.exported", changes={"query": [None, request.META.get("QUERY_STRING", "")[:500]]}
            )
        return csv_download(directory.csv_lines(query), f"organizations-{now().date().isoformat()}.csv")


class SavedViews(StaffAPIView):
    """One's own views of the list."""

    permissions = {"GET": policies.VIEW, "POST": policies.VIEW}

    @extend_schema(operation_id="saved_views_list", responses=SavedViewList)
    def get(self, request: Request) -> Response:
        """Return them by name."""
        mine = SavedView.objects.filter(account_id=actor_of(request).staff_id).order_by("name", "id")
        return Response({"items": [view_out(view) for view in mine]})

    @extend_schema(operation_id="saved_views_create", request=SavedViewIn, responses={201: SavedViewOut})
    def post(self, request: Request) -> Response:
        """Keep the filters under a name; a name that is there already takes the new filters."""
        body = SavedViewIn(data=request.data)
        body.is_valid(raise_exception=True)
        view, _ = SavedView.objects.update_or_create(
            account_id=actor_of(request).staff_id,
            name=body.validated_data["name"],
            defaults={"query": body.validated_data["query"].lstrip("?")},
        )
        return Response(view_out(view), status=status.HTTP_201_CREATED)


class SavedViewDetail(StaffAPIView):
    """One of them."""

    permissions = {"DELETE": policies.VIEW}

    @extend_schema(operation_id="saved_views_delete", responses={204: None})
    def delete(self, request: Request, view_id: UUID) -> Response:
        """Forget it."""
        if not SavedView.objects.filter(id=view_id, account_id=actor_of(request).staff_id).delete()[0]:
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)


class OrganizationDetail(StaffAPIView):
    """One organization's page."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="organizations_get", responses=OrganizationOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return it, counted now."""
        return Response(page_out(page.page(organization_id, roles=actor_of(request).roles)))


class OrganizationPeople(StaffAPIView):
    """An organization's people."""

    permissions = {"GET": policies.PEOPLE}

    @extend_schema(operation_id="organizations_people", parameters=[OpenApiParameter("q", str)], responses=PeopleOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return the first fifty members whose name or address holds the words of ``q``. The look is recorded."""
        found = page.people(organization_id, words=request.query_params.get("q", "")[:200])
        return Response(
            {
                "items": [
                    {
                        "id": str(one.id),
                        "name": one.name,
                        "email": one.email,
                        "roles": list(one.roles),
                        "state": one.state,
                        "last_seen_on": one.last_seen_on.isoformat() if one.last_seen_on else None,
                    }
                    for one in found
                ]
            }
        )


class OrganizationTimeline(StaffAPIView):
    """What happened to an organization."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="organizations_timeline", responses=TimelineOut)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return the latest hundred moments."""
        return Response({"items": [moment_out(moment) for moment in timeline.timeline(organization_id)]})


class OrganizationNotes(StaffAPIView):
    """What staff wrote down about an organization."""

    permissions = {"GET": policies.VIEW, "POST": policies.ACT}

    @extend_schema(operation_id="organizations_notes_list", responses=NotePage)
    def get(self, request: Request, organization_id: UUID) -> Response:
        """Return the notes, newest first."""
        tenants.organization_card(organization_id)
        return cursor_page(
            request,
            OrganizationNote.objects.filter(organization_id=organization_id),
            order=("-created_at", "-id"),
            serialize=lambda rows: [note_out(row) for row in rows],
        )

    @extend_schema(operation_id="organizations_notes_create", request=NoteIn, responses={201: NoteOut})
    def post(self, request: Request, organization_id: UUID) -> Response:
        """Write a note. It cannot be edited: a correction is another note."""
        body = NoteIn(data=request.data)
        body.is_valid(raise_exception=True)
        who = actor_of(request)
        note = page.add_note(organization_id, author_id=who.staff_id, author_name=who.name, **body.validated_data)
        return Response(note_out(note), status=status.HTTP_201_CREATED)
