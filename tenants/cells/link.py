"""Connections to other cells' databases, with their owning logins. Only the archivist has their addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg2
from django.conf import settings

from tenants.cells.errors import CellUnreachable, MoveRefused

# The same rows read as the same text on both sides.
SAME_WORDS = (
    "SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET bytea_output = hex; SET intervalstyle = iso_8601;"
    " SET extra_float_digits = 1; SET search_path = public, ext"
)


@contextmanager
def to(cell: str) -> Iterator[Any]:
    """Open a psycopg2 connection to the database of ``cell``; what was not committed is rolled back at the end.

    Raises:
        MoveRefused: this process was not given the login.
        CellUnreachable: the database does not answer, or no longer.
    """
    url = settings.CELL_DATABASES.get(cell)
    if url is None:
        raise MoveRefused(f"LMS_CELL_DATABASES_FILE has no database of the cell {cell}.")
    try:
        link = psycopg2.connect(url, connect_timeout=5, application_name="lms-mover")
    except psycopg2.OperationalError as down:
        raise CellUnreachable(f"The database of the cell {cell} does not answer: {str(down).strip()}") from down
    try:
        with link.cursor() as cursor:
            cursor.execute(SAME_WORDS)
        link.commit()
        yield link
    except (psycopg2.OperationalError, psycopg2.InterfaceError) as broken:
        raise CellUnreachable(f"The database of the cell {cell} gave up: {str(broken).strip()}") from broken
    finally:
        link.close()
