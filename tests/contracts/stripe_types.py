"""Holds JSON and parameters to the typed classes of the ``stripe`` package, which are generated from Stripe's API."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
import typing
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe._list_object import ListObject
from stripe._stripe_object import StripeObject, UntypedStripeObject

PACKAGE = Path(stripe.__file__).parent


def problems(value: Any, kind: Any, where: str, names: dict[str, Any]) -> list[str]:
    """What does not fit: a field that the class does not know, one that is missing, a value of another type."""
    kind = _resolved(kind, names)
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return []
    if origin in (Union, getattr(__import__("types"), "UnionType", Union)):
        return _in_union(value, arguments, where, names)
    if origin is Literal:
        return [] if value in arguments else [f"{where}: {value!r} is none of {arguments[:8]}"]
    if origin is ListObject or kind is ListObject:
        return _in_list_object(value, arguments, where, names)
    if origin is list:
        if not isinstance(value, list):
            return [f"{where}: {value!r} is no list"]
        return [one for at, each in enumerate(value) for one in problems(each, arguments[0], f"{where}[{at}]", names)]
    if origin is UntypedStripeObject or kind is UntypedStripeObject:
        if not isinstance(value, dict):
            return [f"{where}: {value!r} is no object"]
        inner = arguments[0] if arguments else Any
        return [one for key, each in value.items() for one in problems(each, inner, f"{where}.{key}", names)]
    if inspect.isclass(kind) and issubclass(kind, StripeObject):
        return _in_object(value, kind, where)
    return _plain(value, kind, where)


def _plain(value: Any, kind: Any, where: str) -> list[str]:
    if kind is type(None):
        fits = value is None
    elif kind is Decimal:
        # On the wire it is a string, which the SDK turns into one where it knows the field.
        fits = isinstance(value, Decimal) or bool(re.fullmatch(r"-?\d+(\.\d+)?", str(value)))
    elif kind is int:
        fits = isinstance(value, int) and not isinstance(value, bool)
    elif kind is float:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
    else:
        fits = isinstance(value, kind)
    return [] if fits else [f"{where}: {value!r} is no {getattr(kind, '__name__', kind)}"]


def _in_union(value: Any, arguments: tuple[Any, ...], where: str, names: dict[str, Any]) -> list[str]:
    if value is None:
        return [] if type(None) in arguments else [f"{where}: None is not allowed"]
    # ``Union[Literal[…], str]`` is an open list of words: what we write has to be among the known ones.
    literals = [one for one in arguments if get_origin(one) is Literal]
    if literals and str in arguments:
        arguments = tuple(one for one in arguments if one is not str)
    tries = [problems(value, one, where, names) for one in arguments if one is not type(None)]
    return [] if any(not found for found in tries) else min(tries, key=len)


def _in_list_object(value: Any, arguments: tuple[Any, ...], where: str, names: dict[str, Any]) -> list[str]:
    if not isinstance(value, dict) or set(value) != {"object", "data", "has_more", "url"} or value["object"] != "list":
        return [f"{where}: {str(value)[:80]} is no list object"]
    inner = arguments[0] if arguments else Any
    found = (problems(each, inner, f"{where}.data[{at}]", names) for at, each in enumerate(value["data"]))
    return [one for each in found for one in each]


def _in_object(value: Any, kind: type, where: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{where}: {value!r} is no {kind.__name__}"]
    names = names_of(kind)
    hints = _own_hints(kind)
    name = getattr(kind, "OBJECT_NAME", None)
    if name is not None and value.get("object") != name:
        return [f"{where}: object is {value.get('object')!r}, not {name!r}"]
    found = [f"{where}.{key} is unknown to {kind.__qualname__}" for key in value if key not in hints]
    for key, hint in hints.items():
        if key in value:
            found += problems(value[key], hint, f"{where}.{key}", names)
        elif type(None) not in get_args(_resolved(hint, names)):
            found.append(f"{where}.{key} is missing")
    return found


def _own_hints(kind: type) -> dict[str, Any]:
    """The fields of a class of the package, and none of what it inherits from the machinery."""
    found = {}
    for base in reversed(kind.__mro__):
        if issubclass(base, StripeObject) and base.__module__ == kind.__module__:
            found |= inspect.get_annotations(base)
    return {
        name: hint
        for name, hint in found.items()
        if not name.startswith("_") and name != "OBJECT_NAME" and "ClassVar" not in str(hint)
    }


_NAMES: dict[str, dict[str, Any]] = {}


def names_of(kind: type) -> dict[str, Any]:
    """What the names in a class's annotations mean: its module's, with the imports made only for type checkers."""
    module = importlib.import_module(kind.__module__)
    if kind.__module__ not in _NAMES:
        found = dict(vars(typing)) | dict(vars(module))
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("stripe"):
                source = importlib.import_module(node.module)
                for alias in node.names:
                    if hasattr(source, alias.name):
                        found.setdefault(alias.asname or alias.name, getattr(source, alias.name))
        _NAMES[kind.__module__] = found
    return _NAMES[kind.__module__]


def _resolved(kind: Any, names: dict[str, Any]) -> Any:
    if isinstance(kind, ForwardRef):
        kind = kind.__forward_arg__
    if isinstance(kind, str):
        return eval(f"({kind.strip()})", names)
    return kind


def operations() -> dict[tuple[str, str], Any]:
    """(method, path with its placeholders as ``{}``) of every call of the SDK, and the class of its parameters."""
    found = {}
    for file in PACKAGE.rglob("*_service.py"):
        tree = ast.parse(file.read_text())
        modules = {
            alias.name: node.module
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                call = _call_of(node)
                hint = next((one.annotation for one in node.args.args if one.arg == "params"), None)
                if call and hint is not None:
                    name = re.findall(r"\w+Params\w*", ast.unparse(hint))[0]
                    found[call] = (modules[name], name)
    return found


def _call_of(function: ast.FunctionDef) -> tuple[str, str] | None:
    words = [one.value for one in ast.walk(function) if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    method = next((word for word in words if word in ("get", "post", "delete")), None)
    path = next((word for word in words if word.startswith("/v1/")), None)
    return (method.upper(), re.sub(r"\{\w+\}", "{}", path)) if method and path else None


def parameters(module: str, name: str) -> Any:
    """A class of parameters."""
    return getattr(importlib.import_module(module), name)


def typed_dicts(hint: Any, names: dict[str, Any]) -> Iterator[Any]:
    """Every class of parameters that a hint may mean, lists and alternatives looked into."""
    hint = _resolved(hint, names)
    if typing.is_typeddict(hint):
        yield hint
    for one in get_args(hint) if get_origin(hint) is not Literal else ():
        yield from typed_dicts(one, names)


def words_of(hint: Any, names: dict[str, Any]) -> set[str]:
    """The words that a parameter may be, where it is a choice."""
    hint = _resolved(hint, names)
    if get_origin(hint) is Literal:
        return {one for one in get_args(hint) if isinstance(one, str)}
    found: set[str] = set()
    for one in get_args(hint):
        found |= words_of(one, names) if not isinstance(one, str) else set()
    return found
