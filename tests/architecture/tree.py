"""The source tree as the architecture tests see it."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("platform", "tenants", "apps")
_NOT_OURS = {"node_modules", ".venv", ".local", "__pycache__", ".git", "dist"}


def python_files(*folders: str, tests: bool = False, migrations: bool = False) -> Iterator[Path]:
    """Yield the Python files below ``folders`` (default: the product), without tests and migrations unless asked."""
    for folder in folders or SOURCES:
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = set(path.relative_to(ROOT).parts)
            if parts & _NOT_OURS or (not tests and "tests" in parts) or (not migrations and "migrations" in parts):
                continue
            yield path


def name_of(path: Path) -> str:
    """Return ``path`` from the root, as the lists in the tests write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse(path.read_text(), filename=str(path))


def dotted(node: ast.AST) -> str:
    """Return ``a.b.c`` for a chain of names, "" for what is none."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        inner = dotted(node.value)
        return f"{inner}.{node.attr}" if inner else node.attr
    if isinstance(node, ast.Call):
        return dotted(node.func)
    return ""


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line, full dotted name) of everything a file imports, wherever in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def settings_of_project() -> dict[str, Any]:
    """Return pyproject.toml."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text())
