"""An exception as logs and tables keep it: where it came from line by line, its class, its code, no values."""

from __future__ import annotations

import re
import traceback

from core.telemetry.redaction import HIDDEN, clean_text

_LONGEST = 16_000
# What stands in quotes in an error is often what somebody sent. A plain name is kept: it says which field it was.
_QUOTED = re.compile(r"'((?:[^'\\\n]|\\.)*)'|\"((?:[^\"\\\n]|\\.)*)\"")
_NAME = re.compile(r"[A-Za-z_][A-Za-z_.:/-]{0,60}")
_CODE = re.compile(r"[a-z][a-z_]{0,60}|[0-9A-Z]{5}")


def text_of(error: BaseException) -> str:
    """Return the traceback of ``error`` and of what it came from. Values of variables are never in it.

    The last line has its class, its stable code in brackets where it has one, and its words as :func:`clean_message`.
    """
    told = traceback.TracebackException.from_exception(error, capture_locals=False, limit=40)
    return _chain(told, code_of(error))[-_LONGEST:]


def code_of(error: BaseException) -> str:
    """Return what ``error`` is called by whoever raised it: our own code, or PostgreSQL's five letters."""
    for one in (error, error.__cause__):
        for name in ("code", "pgcode"):
            code = getattr(one, name, None)
            if isinstance(code, str) and _CODE.fullmatch(code):
                return code
    return ""


def clean_message(message: str) -> str:
    """Return an exception's words without what they quote, unless that is a plain name."""
    return clean_text(_QUOTED.sub(_quoted, message))


def _quoted(found: re.Match[str]) -> str:
    inner = found[1] if found[1] is not None else found[2]
    return found[0] if not inner or _NAME.fullmatch(inner) else f"{found[0][0]}{HIDDEN}{found[0][0]}"


def _chain(one: traceback.TracebackException, code: str = "") -> str:
    parts = []
    if one.__cause__ is not None:
        parts += [_chain(one.__cause__), "caused:"]
    elif one.__context__ is not None and not one.__suppress_context__:
        parts += [_chain(one.__context__), "while that was handled:"]
    parts += [line.rstrip() for line in one.stack.format()]
    kind = one.exc_type_str if hasattr(one, "exc_type_str") else getattr(one.exc_type, "__qualname__", "Exception")
    parts.append(f"{kind}{f' [{code}]' if code else ''}: {clean_message(str(one))}")
    for inner in one.exceptions or ():
        parts.append(_chain(inner))
    return "\n".join(parts)
