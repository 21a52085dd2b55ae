"""Whether AWS would let somebody do something, by the policies they have: as much of IAM's rules as ours need.

A Deny that matches wins, then an Allow. Conditions are taken to hold: whoever asks passes roles to the service that the
policy names.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Sequence
from typing import Any

Statement = dict[str, Any]


def may(statements: Sequence[Statement], action: str, resource: str) -> bool:
    """Return whether these statements let their holder do ``action`` on ``resource``."""
    effects = {one["Effect"] for one in statements if _is_about(one, action, resource)}
    return "Allow" in effects and "Deny" not in effects


def _is_about(statement: Statement, action: str, resource: str) -> bool:
    acts = _any(action.lower(), (one.lower() for one in _list(statement.get("Action", []))))
    if "NotAction" in statement:
        acts = not _any(action.lower(), (one.lower() for one in _list(statement["NotAction"])))
    if "NotResource" in statement:
        return acts and not _any(resource, _list(statement["NotResource"]))
    return acts and _any(resource, _list(statement.get("Resource", [])))


def _any(value: str, patterns: Iterable[str]) -> bool:
    # Brackets mean nothing to IAM.
    return any(fnmatch.fnmatchcase(value, pattern.replace("[", "[[]")) for pattern in patterns)


def _list(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)
