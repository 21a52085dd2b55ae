"""What a request or a task costs the database: how many statements, and how long they took."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from core.telemetry import spans

_log = logging.getLogger(__name__)

SLOW_SECONDS = 1.0
Execute = Callable[[str, Any, bool, dict[str, Any]], Any]


class Effort:
    """Counts the statements of one thread, and lets each be a span where its trace is recorded."""

    __slots__ = ("seconds", "statements")

    def __init__(self) -> None:
        self.statements = 0
        self.seconds = 0.0

    @property
    def milliseconds(self) -> float:
        """The seconds as logs write them."""
        return round(self.seconds * 1000, 1)

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Run one statement: a wrapper as ``connection.execute_wrapper`` takes them."""
        started = time.perf_counter()
        try:
            with spans.statement(sql):
                return execute(sql, params, many, context)
        finally:
            took = time.perf_counter() - started
            self.statements += 1
            self.seconds += took
            if took >= SLOW_SECONDS:
                _log.warning("db.slow", extra={"dur_ms": round(took * 1000), "statement": spans.without_values(sql)})


@contextmanager
def measured() -> Iterator[Effort]:
    """Count what this thread asks of the database until the block ends; blocks may lie within each other."""
    effort = Effort()
    wrappers = connection.execute_wrappers
    if any(isinstance(found, Effort) for found in wrappers):
        # Only the outermost makes spans: a statement is one statement.
        inner = _Counting(effort)
        with connection.execute_wrapper(inner):
            yield effort
        return
    with connection.execute_wrapper(effort):
        yield effort


class _Counting:
    """An effort within another: it counts the same statements, and says nothing about them."""

    def __init__(self, effort: Effort) -> None:
        self._effort = effort

    def __call__(self, execute: Execute, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self._effort.statements += 1
            self._effort.seconds += time.perf_counter() - started
