"""Who acts right now, and for whom: what the audit writes beside each fact, known without being passed around.

Middleware, authenticators and task bases set it; business code never does. It names a person to the audit and decides
nothing: permissions are asked of :class:`core.actor.Actor`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

Kind = Literal["member", "staff", "system", "visitor"]


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody (or the platform itself) at work. Under support access a staff person acts on a member's behalf."""

    kind: Kind = "system"
    id: UUID | None = None
    name: str = ""
    on_behalf_of: UUID | None = None
    on_behalf_name: str = ""
    support_grant: UUID | None = None
    request_id: str = ""
    ip: str = ""
    via: str = ""


_SYSTEM = Acting()
_acting: ContextVar[Acting] = ContextVar("core_acting", default=_SYSTEM)


def current() -> Acting:
    """Return who acts; the platform itself where nobody was named."""
    return _acting.get()


@contextmanager
def acting(who: Acting) -> Iterator[Acting]:
    """Let ``who`` act for the length of a request or task."""
    token = _acting.set(who)
    try:
        yield who
    finally:
        _acting.reset(token)


def become(**changes: Any) -> Acting:
    """Change fields of whoever acts, until the request or task ends: authenticators learn late who it is."""
    who = dataclasses.replace(_acting.get(), **changes)
    _acting.set(who)
    return who
