"""Spans of a trace, with nothing in them that anybody typed.

They hold names, routes, ids and statements without their values: never a path, a query, an argument or the words of an
exception. So a trace may leave the machine. While no traces leave (``LMS_OTLP_ENDPOINT`` is empty) a span is one
comparison.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import Token
from typing import Any

from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Values = Mapping[str, str | int | float | bool]

HEADER = "traceparent"  # W3C Trace Context, level 1
_LONGEST_STATEMENT = 2_000
_tracer = trace.get_tracer("lms")
_written = TraceContextTextMapPropagator()
_NOTHING: AbstractContextManager[Span] = nullcontext(trace.INVALID_SPAN)
# Names of schemas are names of organizations' places, and the few literals that our own SQL holds are no secrets; but
# what stands between quotes is not told apart from what somebody typed.
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_NAMED = re.compile(r'\s*(\w+)(?:(?<=UPDATE)\s+"?([\w.]+)|.*?\b(?:FROM|INTO)\s+"?([\w.]+))?', re.I | re.S)


class _Switch:
    on = False


def switch_on() -> None:
    """Make spans from now on: a provider has been set."""
    _Switch.on = True


def is_on() -> bool:
    """Return whether spans are made at all."""
    return _Switch.on


def current_id() -> str:
    """Return the id of the trace that is being recorded, for the logs; empty where none is."""
    if not _Switch.on:
        return ""
    found = trace.get_current_span().get_span_context()
    return trace.format_trace_id(found.trace_id) if found.is_valid and found.trace_flags.sampled else ""


def stored(operation: str) -> AbstractContextManager[Span]:
    """Return the span of one call to the object store, by what is asked of it: no key and no address."""
    values = {"rpc.system": "aws-api", "rpc.service": "S3", "rpc.method": operation}
    return span(f"S3 {operation}", kind=SpanKind.CLIENT, values=values)


def span(
    name: str, *, kind: SpanKind = SpanKind.INTERNAL, values: Values | None = None
) -> AbstractContextManager[Span]:
    """Return a block that is a span below the current one; where none is recorded it is none.

    An error that leaves it is named by its class alone.
    """
    if not _Switch.on or not trace.get_current_span().is_recording():
        return _NOTHING
    return _span(name, kind, values, None)


def beginning(
    name: str, *, came_from: str, kind: SpanKind, values: Values | None = None
) -> AbstractContextManager[Span]:
    """Return a block that goes on with the trace named in ``came_from`` (a ``traceparent``), or begins one.

    Whatever trace this thread was in has nothing to do with it, and is gone on with after the block.
    """
    if not _Switch.on:
        return _NOTHING
    # An empty context, not the current one: what is not in the carrier must not come from the thread.
    parent = _written.extract({HEADER: came_from} if came_from else {}, context=contexts.Context())
    return _span(name, kind, values, parent)


@contextmanager
def _span(name: str, kind: SpanKind, values: Values | None, parent: contexts.Context | None) -> Iterator[Span]:
    made = _tracer.start_span(
        name, context=parent, kind=kind, attributes=values, record_exception=False, set_status_on_exception=False
    )
    token: Token[Any] = contexts.attach(trace.set_span_in_context(made, parent))
    try:
        yield made
    except BaseException as error:
        made.set_status(Status(StatusCode.ERROR))
        made.set_attribute("error.type", type(error).__qualname__)
        raise
    finally:
        contexts.detach(token)
        made.end()


def statement(sql: str) -> AbstractContextManager[Span]:
    """Return the span of one SQL statement, as it was written: with places for values, without values."""
    if not _Switch.on or not trace.get_current_span().is_recording():
        return _NOTHING
    text = without_values(sql)
    verb, table = _name_of(text)
    name = f"{verb} {table}" if table else verb
    values = {"db.system.name": "postgresql", "db.query.text": text}
    return _span(name, SpanKind.CLIENT, values, None)


def without_values(sql: str) -> str:
    """Return a statement as it was written, with places for values; what it holds in quotes is left out."""
    return _LITERAL.sub("?", str(sql))[:_LONGEST_STATEMENT]


def _name_of(sql: str) -> tuple[str, str]:
    found = _NAMED.match(sql)
    return (found[1].upper(), found[2] or found[3] or "") if found else ("SQL", "")


def carried() -> str:
    """Return the current trace as a ``traceparent``, for a row or a message; empty where there is none."""
    if not _Switch.on:
        return ""
    carrier: dict[str, str] = {}
    _written.inject(carrier)
    return carrier.get(HEADER, "")
