"""Where work comes from: the id of the request that asked for it and its trace, carried along with the work.

A request writes rows and sends messages; whoever does the work later logs under the id of that request, and its spans
stand in that request's trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from opentelemetry.trace import SpanKind

from core.telemetry import spans

REQUEST = "request_id"
# Ids that we gave ourselves: a UUID, or what a task or a command calls itself.
_PLAUSIBLE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def carried() -> dict[str, str]:
    """Return what a row or a message keeps of where it comes from; empty outside requests and tasks."""
    found = {REQUEST: str(structlog.contextvars.get_contextvars().get(REQUEST, "")), spans.HEADER: spans.carried()}
    return {name: value for name, value in found.items() if value}


@contextmanager
def continuing(
    origin: Mapping[str, str] | None,
    name: str,
    *,
    kind: SpanKind = SpanKind.CONSUMER,
    values: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Do work under the request that ``origin`` names: its id in every line, its trace above every span.

    What it says is not believed blindly: an id that is none of ours is left out.
    """
    kept = origin or {}
    asked_by = str(kept.get(REQUEST, ""))
    bound = {REQUEST: asked_by} if _PLAUSIBLE.fullmatch(asked_by) else {}
    with (
        structlog.contextvars.bound_contextvars(**bound),
        spans.beginning(name, came_from=str(kept.get(spans.HEADER, "")), kind=kind, values=values),
    ):
        yield
