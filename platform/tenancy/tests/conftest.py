"""Fixtures of the tenancy tests: statements of the owner, and a connection outside any transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection

from tests.support import plugin

Owner = Callable[..., list[tuple[Any, ...]]]


@pytest.fixture
def owner() -> Iterator[Owner]:
    """Run a statement as the login that owns the database; it commits at once."""
    link = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    link.autocommit = True

    def run(statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with link.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    yield run
    link.close()


@pytest.fixture
def autocommit(world: Any, django_db_blocker: Any) -> Iterator[None]:
    """The connection as requests have it: no transaction around the test. Leave no rows behind."""
    with django_db_blocker.unblock():
        connection.close()
        yield
        connection.close()
