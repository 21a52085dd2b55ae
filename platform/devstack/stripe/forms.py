"""Form bodies and queries as Stripe reads them: ``items[0][price]=…`` is a list of objects."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from devstack.stripe.errors import BadParameters

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")


def decode(text: str) -> dict[str, Any]:
    """Nested dictionaries and lists of strings.

    Raises:
        BadParameters: a key that is not written as Stripe's are.
    """
    tree: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        matched = _KEY.fullmatch(key)
        if matched is None:
            raise BadParameters(f"Invalid parameter name: {key}", param=key)
        path = [matched[1], *re.findall(r"\[([^\[\]]*)\]", matched[2])]
        _place(tree, path, value)
    return {name: _lists(value) for name, value in tree.items()}


def _place(tree: dict[str, Any], path: list[str], value: str) -> None:
    for depth, step in enumerate(path):
        name = step or f"#{len(tree)}"  # ``expand[]=a&expand[]=b``: each is the next of the list
        if depth == len(path) - 1:
            tree[name] = value
            return
        below = tree.setdefault(name, {})
        if not isinstance(below, dict):
            raise BadParameters(f"Invalid object: {path[0]}", param=path[0])
        tree = below


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(re.fullmatch(r"#?\d+", name) for name in value):
        ordered = sorted(value.items(), key=lambda item: int(item[0].lstrip("#")))
        return [_lists(below) for _, below in ordered]
    return {name: _lists(below) for name, below in value.items()}
