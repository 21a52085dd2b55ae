"""The platform's books: revenue by month, the facts behind it, and whether everything agrees."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.response import Response

from billing.api import finance
from core.clock import now
from core.http.pagination import cursor_page
from core.http.request import Request
from staff import audit, policies
from staff.finance import books
from staff.rest.downloads import csv_download
from staff.rest.serializers import finance as shapes
from staff.rest.views import StaffAPIView, actor_of

_COMPARISONS = 30
_PAGED = [OpenApiParameter("cursor", str), OpenApiParameter("limit", int)]


def _asked(request: Request, shape: type[Any]) -> dict[str, Any]:
    query = shape(data={key: request.query_params[key] for key in request.query_params})
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)


def _exported(what: str, request: Request) -> None:
    with transaction.atomic():
        audit.record("books.exported", object_type=what, changes={"query": [None, request.META["QUERY_STRING"][:500]]})


class FinanceView(StaffAPIView):
    """What the platform earns."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(operation_id="finance_get", parameters=[shapes.FinanceQuery], responses=shapes.FinanceOut)
    def get(self, request: Request) -> Response:
        """Return revenue by currency and month, conversion by cohort, and what is unpaid.

        Amounts of different currencies are never added up.
        """
        months = _asked(request, shapes.FinanceQuery)["months"]
        owed = finance.owed()
        names = books.names_of(line.organization_id for line in owed)
        return Response(
            shapes.finance_out(
                finance.revenue(months=months),
                finance.cohorts(months=months),
                finance.unpaid(),
                [(line, names.get(str(line.organization_id), "")) for line in owed],
                next(iter(finance.reconciliations(1)), None),
            )
        )


class FinanceMonthsCsv(StaffAPIView):
    """Revenue as a file."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(
        operation_id="finance_months_csv",
        parameters=[shapes.FinanceQuery],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream every month of every currency. The download is recorded."""
        months = _asked(request, shapes.FinanceQuery)["months"]
        _exported("months", request)
        return csv_download(books.month_lines(finance.revenue(months=months)), _file("revenue"))


class MovementList(StaffAPIView):
    """The facts behind the figures."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(
        operation_id="finance_movements_list",
        parameters=[shapes.MovementQuery, *_PAGED],
        responses=shapes.MovementPage,
    )
    def get(self, request: Request) -> Response:
        """Return a page of movements, newest first."""
        rows = finance.movements_in(**_movements_asked(request))
        return cursor_page(
            request,
            rows,
            order=("-at", "-id"),
            serialize=lambda page: shapes.movements_out(page, books.names_of(row.organization_id for row in page)),
        )


class MovementsCsv(StaffAPIView):
    """The facts as a file."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(
        operation_id="finance_movements_csv",
        parameters=[shapes.MovementQuery],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Stream every movement that was asked for. The download is recorded."""
        rows = finance.movements_in(**_movements_asked(request))
        _exported("movements", request)
        return csv_download(books.movement_lines(rows), _file("movements"))


class ReconciliationList(StaffAPIView):
    """Comparisons of the books."""

    permissions = {"GET": policies.BOOKS, "POST": policies.FINANCIAL}

    @extend_schema(operation_id="reconciliations_list", responses=shapes.ReconciliationList)
    def get(self, request: Request) -> Response:
        """Return the newest thirty, without their differences."""
        return Response({"items": [shapes.reconciliation_line(row) for row in finance.reconciliations(_COMPARISONS)]})

    @extend_schema(operation_id="reconciliations_ask", request=None, responses={202: shapes.ReconciliationLine})
    def post(self, request: Request) -> Response:
        """Ask for one now. A worker makes it; while it waits, asking again returns the same one."""
        made = books.ask_comparison(by=actor_of(request).staff_id)
        return Response(shapes.reconciliation_line(made), status=status.HTTP_202_ACCEPTED)


class ReconciliationDetail(StaffAPIView):
    """One comparison."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(operation_id="reconciliations_get", responses=shapes.ReconciliationOut)
    def get(self, request: Request, comparison_id: UUID) -> Response:
        """Return its sums, and whatever did not agree with what to do."""
        found = finance.reconciliation(comparison_id)
        return Response(
            shapes.reconciliation_out(found, books.names_of(one["organization_id"] for one in found.differences))
        )


class ReconciliationCsv(StaffAPIView):
    """A comparison as a file."""

    permissions = {"GET": policies.BOOKS}

    @extend_schema(operation_id="reconciliations_csv", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, comparison_id: UUID) -> StreamingHttpResponse:
        """Stream what did not agree. The download is recorded."""
        found = finance.reconciliation(comparison_id)
        _exported("reconciliation", request)
        return csv_download(books.difference_lines(found), _file("differences"))


def _movements_asked(request: Request) -> dict[str, Any]:
    asked = _asked(request, shapes.MovementQuery)
    month = asked.pop("month")
    return {**asked, "month": date.fromisoformat(f"{month}-01") if month else None}


def _file(name: str) -> str:
    return f"{name}-{now().date().isoformat()}.csv"
