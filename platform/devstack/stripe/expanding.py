"""``expand``: ids in an answer become the objects, and what is only shown on request is put in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from devstack.stripe.errors import BadParameters
from devstack.stripe.store import Ledger, Object

INCLUDED: dict[tuple[str, str], Callable[[Ledger, Object], Any]] = {}
"""(object, field) -> what the field is when somebody asks for it."""


def expand(ledger: Ledger, made: Object, paths: list[str]) -> Object:
    """The answer with these paths expanded.

    Raises:
        BadParameters: a path that leads nowhere.
    """
    for path in paths:
        steps = path.split(".")
        if len(steps) > 5:
            raise BadParameters(f"You may not expand deeper than four levels: {path}", param="expand")
        _along(ledger, made, steps, path)
    return made


def _along(ledger: Ledger, at: Any, steps: list[str], path: str) -> None:
    if isinstance(at, list):
        for each in at:
            _along(ledger, each, steps, path)
        return
    if at is None or not steps:
        return
    if not isinstance(at, dict):
        raise _nowhere(path)
    name = steps[0]
    kind = at.get("object", "")
    shows = INCLUDED.get((kind, name)) if isinstance(kind, str) else None
    if shows is not None and not isinstance(at.get(name), dict):
        at[name] = shows(ledger, at)
    elif name not in at:
        raise _nowhere(path)
    value = at[name]
    if isinstance(value, str):
        found = ledger.find(value)
        if found is None or found["object"] == "event":
            raise _nowhere(path)
        at[name] = found
    elif value is not None and not isinstance(value, dict | list):
        raise _nowhere(path)
    elif isinstance(value, list) and all(isinstance(each, str) for each in value):
        at[name] = [ledger.find(each) or each for each in value]
    _along(ledger, at[name], steps[1:], path)


def _nowhere(path: str) -> BadParameters:
    return BadParameters(f"This property cannot be expanded ({path}).", param="expand")
