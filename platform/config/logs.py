"""Logs: a JSON line each, that says for which organization and which request, without secrets and personal data.

The last processor is a wall: what looks like a secret is hidden whoever logs it (``core.telemetry.redaction``).
"""

from __future__ import annotations

import logging
import logging.config
import sys

import structlog

from config.env import read
from core.telemetry import redaction, spans, tracebacks
from tenancy import binding

Line = structlog.types.EventDict


def configure(*, level: str = "") -> None:
    """Send every logger's records to standard error as JSON lines, from ``level`` (default: ``LMS_LOG_LEVEL``) up."""
    env = read()
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_arguments,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _organization,
        _trace,
        _Release(env.release),
        _exception,
        _redact,
    ]
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "formatters": {
                "json": {
                    "()": structlog.stdlib.ProcessorFormatter,
                    "foreign_pre_chain": shared,
                    "processors": [
                        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                        structlog.processors.JSONRenderer(),
                    ],
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
            "root": {"handlers": ["stderr"], "level": level or env.log_level},
            "loggers": {
                # The access line says what was answered; what broke is logged with its traceback here.
                "django.request": {"level": "ERROR"},
                "botocore": {"level": "WARNING"},
                "urllib3": {"level": "WARNING"},
                "opentelemetry": {"level": "ERROR"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def _organization(_logger: object, _name: str, event: Line) -> Line:
    tenant = binding.current_or_none()
    if tenant is not None:
        event.setdefault("organization", str(tenant.id))
    return event


def _trace(_logger: object, _name: str, event: Line) -> Line:
    found = spans.current_id()
    if found:
        event.setdefault("trace_id", found)
    return event


class _Release:
    """Which release of the code wrote the line; nothing where nobody said."""

    def __init__(self, release: str) -> None:
        self._release = release

    def __call__(self, _logger: object, _name: str, event: Line) -> Line:
        if self._release:
            event["release"] = self._release
        return event


def _without_arguments(_logger: object, _name: str, event: Line) -> Line:
    """Drop what libraries add to a record for their own handlers: a request object, a task's arguments."""
    for name in ("data", "request", "server_time", "status_code"):
        event.pop(name, None)
    return event


def _exception(_logger: object, _name: str, event: Line) -> Line:
    """Write an error down as where it came from and its class; its words without values, never its variables."""
    given = event.pop("exc_info", None)
    event.pop("stack_info", None)
    error = given if isinstance(given, BaseException) else None
    if given and error is None:
        error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
    if error is not None:
        event["exception"] = tracebacks.text_of(error)
    return event


def _redact(_logger: object, _name: str, event: Line) -> Line:
    exception = event.pop("exception", None)
    # Of the record and its logger structlog takes care itself.
    kept = {name: event.pop(name) for name in ("_record", "_from_structlog") if name in event}
    cleaned: Line = redaction.clean(dict(event))
    if exception is not None:
        cleaned["exception"] = exception  # cleaned as it was written
    return {**cleaned, **kept}
