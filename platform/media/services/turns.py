"""Whose turn it is where a sweep takes a few of many rows."""

from __future__ import annotations

from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber


def in_turn(rows: QuerySet[Any], *, by: str, limit: int) -> QuerySet[Any]:
    """Return at most ``limit`` of ``rows``: every organization's oldest before any organization's second."""
    turn = Window(RowNumber(), partition_by=[F("organization_id")], order_by=[F(by).asc(), F("id").asc()])
    return rows.annotate(turn=turn).order_by("turn", by, "id")[:limit]
