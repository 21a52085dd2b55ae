"""Bodies: JSON of a bounded size that the database can hold, or a problem that says what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import exceptions
from rest_framework.parsers import BaseParser
from rest_framework.renderers import JSONRenderer

from core.errors import DomainError


class BodyTooLarge(DomainError):
    """The body has more bytes than any request of ours needs; ``limit_bytes`` says how many it may have."""

    code = "body_too_large"
    title = "This is too large to send at once"
    status = 413


class JSONParser(BaseParser):
    """Strict JSON in UTF-8.

    DRF's own parser reads the stream whole whatever its size, raises RecursionError on deep nesting, and lets NUL and
    lone surrogates through, which PostgreSQL refuses only when they are written.
    """

    media_type = "application/json"
    renderer_class = JSONRenderer

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """Return what the body says.

        Raises:
            BodyTooLarge: more than ``settings.DATA_UPLOAD_MAX_MEMORY_SIZE`` bytes.
            ParseError: it is no JSON, or no text that can be kept.
        """
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise BodyTooLarge(limit_bytes=limit)
        try:
            text = raw.decode("utf-8")
            parsed = json.loads(text, parse_constant=_refuse_constant)
            if "\\u" in text:  # only an escape can smuggle these in: UTF-8 has no surrogates, JSON no raw NUL
                _refuse_unkeepable(parsed)
        except RecursionError as deep:
            raise exceptions.ParseError("The JSON is nested too deeply.") from deep
        except ValueError as wrong:
            raise exceptions.ParseError(f"This is no JSON that can be read: {wrong}.") from wrong
        return parsed


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON value")


def _refuse_unkeepable(parsed: Any) -> None:
    """Raise ValueError where a string holds NUL or half of a surrogate pair."""
    waiting = [parsed]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            if "\x00" in value:
                raise ValueError("a text holds a NUL character")
            value.encode("utf-8")  # UnicodeEncodeError is a ValueError
        elif isinstance(value, dict):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, list):
            waiting += value
