"""Removing a guard: the product's own source with a passage changed, for as long as a block lasts.

Nothing in the product knows of this. A passage that is no longer there makes the mutant itself fail: it has to be
written anew for the code as it is.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

from django.utils.module_loading import import_string


@contextmanager
def edited(target: str, edits: Sequence[tuple[str, str]]) -> Iterator[None]:
    """Replace each old passage by its new one in the source of the function ``target`` (full dotted name, methods too).

    The function object stays: whoever imported it by name meets the changed code.

    Raises:
        LookupError: the passage is not in the function.
    """
    function = _function(target)
    source = textwrap.dedent(inspect.getsource(function))
    for old, new in edits:
        if old not in source:
            raise LookupError(f"{target} has no {old!r}:\n{source}")
        source = source.replace(old, new)
    before = function.__code__
    function.__code__ = _compiled(function, source)
    try:
        yield
    finally:
        function.__code__ = before


def _function(target: str) -> FunctionType:
    found = _resolved(target)
    found = getattr(found, "__func__", found)
    function = inspect.unwrap(found)
    assert isinstance(function, FunctionType), target
    return function


def _resolved(target: str) -> Any:
    """Import the longest part of ``target`` that is a module, and follow attributes for the rest."""
    head, _, name = target.rpartition(".")
    try:
        return import_string(target)
    except ImportError:
        return getattr(_resolved(head), name)


def _compiled(function: Callable[..., Any], source: str) -> CodeType:
    """Return the code of the only function in ``source``, closed over the same names as ``function``."""
    tree = ast.parse(source)
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.decorator_list = []
    closed_over = function.__code__.co_freevars
    outer = ast.parse(f"def outer({', '.join(closed_over)}):\n    return {definition.name}")
    assert isinstance(outer.body[0], ast.FunctionDef)
    outer.body[0].body.insert(0, definition)
    flags = __future__.annotations.compiler_flag
    module = compile(ast.fix_missing_locations(outer), f"<changed {definition.name}>", "exec", flags=flags)
    made = next(constant for constant in module.co_consts if isinstance(constant, CodeType))
    code = next(c for c in made.co_consts if isinstance(c, CodeType) and c.co_name == definition.name)
    assert code.co_freevars == closed_over, (code.co_freevars, closed_over)
    return code
