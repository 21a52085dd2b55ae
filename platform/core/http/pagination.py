"""Cursor pages: stable under inserts, and no count over a whole table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DataError
from django.db.models import QuerySet
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.response import Response

PAGE_SIZE = 50
MAX_PAGE_SIZE = 100


class _Cursor(CursorPagination):
    page_size = PAGE_SIZE
    max_page_size = MAX_PAGE_SIZE
    page_size_query_param = "limit"


def cursor_page(
    request: Request,
    rows: QuerySet[Any],
    *,
    order: Sequence[str],
    serialize: Callable[[list[Any]], list[Any]],
) -> Response:
    """Return ``{"items": [...], "next": url | null}`` for the page that ``?cursor`` names.

    ``order`` must end in a unique column. ``?limit`` is at most 100.

    Raises:
        NotFound: the cursor is none of ours.
    """
    paginator = _Cursor()
    paginator.ordering = tuple(order)
    try:
        page = paginator.paginate_queryset(rows, request)
    except (ValidationError, ValueError, DataError) as forged:
        # DRF compares whatever position a cursor names with the column: "yesterday" is no time, NUL no text.
        if paginator.cursor_query_param not in request.query_params:
            raise
        raise exceptions.NotFound from forged
    return Response({"items": serialize(list(page or [])), "next": _relative(paginator.get_next_link())})


def _relative(link: str | None) -> str | None:
    """Strip scheme and host: a page link is followed on the host that served it."""
    if link is None:
        return None
    return "/" + link.split("://", 1)[-1].split("/", 1)[1]
