"""Secrets in files: ``LMS_<NAME>_FILE`` names the file that holds the value of ``LMS_<NAME>``."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from pathlib import Path

PREFIX, SUFFIX = "LMS_", "_FILE"


def unfold(environ: MutableMapping[str, str]) -> None:
    """Read every such file into ``environ``; a value that is there already stays.

    Raises:
        OSError: a file that is named cannot be read.
    """
    for name in list(environ):
        if name.startswith(PREFIX) and name.endswith(SUFFIX):
            environ.setdefault(name.removesuffix(SUFFIX), Path(environ[name]).read_text().strip())


def look_up(environ: Mapping[str, str], name: str) -> str:
    """Return one value, from its file where one is named; "" where there is neither."""
    value = environ.get(name, "")
    named = environ.get(name + SUFFIX, "")
    return value if value or not named else Path(named).read_text().strip()
