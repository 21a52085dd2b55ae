"""The audit over HTTP: read, filtered, verified, exported. Nothing here writes but the note of an export."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.response import Response

import tenancy
from apps.audit import policies, sealing, selectors
from apps.audit.catalogue import GROUPS
from apps.audit.rest import exports
from apps.audit.rest.serializers import (
    AuditEntryFilter,
    AuditEntryOut,
    AuditEntryPage,
    AuditExportIn,
    AuditGroupListOut,
    AuditStateOut,
    line_out,
)
from apps.audit.services import record
from core.clock import iso, now
from core.http.pagination import cursor_page
from core.http.request import Request
from core.http.views import APIView

_TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


class EntryList(APIView):
    """What was done."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="audit_entries_list", parameters=[AuditEntryFilter], responses=AuditEntryPage)
    def get(self, request: Request) -> Response:
        """Return entries that match, newest first."""
        asked = AuditEntryFilter(data=request.query_params)
        asked.is_valid(raise_exception=True)
        return cursor_page(
            request,
            selectors.entries(asked.filters()),
            order=("-at", "-id"),
            serialize=lambda rows: [line_out(line) for line in selectors.lines(rows)],
        )


class EntryDetail(APIView):
    """One act."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="audit_entries_read", responses=AuditEntryOut)
    def get(self, request: Request, entry_id: UUID) -> Response:
        """Return it with what became of each field."""
        return Response(line_out(selectors.entry(entry_id)))


class GroupList(APIView):
    """The kinds of acts."""

    permissions = {"GET": policies.VIEW}

    @extend_schema(operation_id="audit_groups_list", responses=AuditGroupListOut)
    def get(self, request: Request) -> Response:
        """Return every kind, in the order in which people look for them."""
        return Response({"items": [{"key": key, "words": words} for key, words in GROUPS.items()]})


class State(APIView):
    """Whether everything is as it was written."""

    permissions = {"GET": policies.VIEW, "POST": policies.VIEW}
    open_when = frozenset({"read_only"})  # verifying changes nothing

    @extend_schema(operation_id="audit_state_read", responses=AuditStateOut)
    def get(self, request: Request) -> Response:
        """Return how far the audit is sealed."""
        return Response(_state())

    @extend_schema(operation_id="audit_state_verify", request=None, responses=AuditStateOut)
    def post(self, request: Request) -> Response:
        """Hold every entry and every seal against its digest, now."""
        verdict = sealing.verify()
        return Response({**_state(), "verified": verdict.whole, "faults": verdict.faults[:100]})


class Export(APIView):
    """The audit as a file."""

    permissions = {"GET": policies.EXPORT}

    @extend_schema(
        operation_id="audit_export",
        parameters=[AuditExportIn],
        responses={
            (200, "text/csv"): OpenApiResponse(OpenApiTypes.STR),
            (200, "application/x-ndjson"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Stream what matches, newest first. That it was exported stands in the audit first."""
        asked = AuditExportIn(data=request.query_params)
        asked.is_valid(raise_exception=True)
        filters, form = asked.filters(), asked.validated_data["form"]
        with transaction.atomic():
            used = {"filters": filters.used()} if filters.used() else {}
            record("audit.export.made", changes={"format": form, **used})
        organization = tenancy.current()
        response = StreamingHttpResponse(exports.stream(organization, filters, form=form), content_type=_TYPES[form])
        name = f"{organization.slug}-audit-{now():%Y-%m-%d}.{form}"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response


def _state() -> dict[str, object]:
    found = selectors.seal_state()
    seal = found["seal"]
    return {
        "entries": found["entries"],
        "unsealed": found["unsealed"],
        "seal": {"no": seal.no, "hash": seal.hash, "sealed_at": iso(seal.sealed_at)} if seal else None,
        "verified": None,
        "faults": [],
    }
