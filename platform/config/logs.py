"""Logs: JSON lines that say for which organization, without personal data."""

from __future__ import annotations

import logging
import logging.config

import structlog

from tenancy import binding


def _organization(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    tenant = binding.current_or_none()
    if tenant is not None:
        event.setdefault("organization", str(tenant.id))
    return event


def _without_arguments(_logger: object, _name: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    """Drop what Celery says of a task's arguments: they hold codes, links and addresses."""
    event.pop("data", None)
    return event


def configure(*, level: str) -> None:
    """Send every logger's records to standard error as JSON lines."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        _without_arguments,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _organization,
        structlog.processors.format_exc_info,
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
            "root": {"handlers": ["stderr"], "level": level},
            "loggers": {
                "django.request": {"level": "ERROR"},
                "botocore": {"level": "WARNING"},
                "celery.worker.strategy": {"level": "WARNING"},
                "celery.app.trace": {"level": "WARNING"},
            },
        }
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
    )
