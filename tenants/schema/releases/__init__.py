"""Releases of the organization schema: what brings an organization from the template before to the one now.

``NNNN_name.sql`` is written by ``make release`` and reviewed by hand. Its first lines say what it is::

    -- release: 2
    -- from-template: <sha256 of the template before>
    -- to-template: <sha256 of the template that it ends at>
    -- migrations: courses.0004_archived_at, courses.0005_index        (or: none)
    -- min-code: 1                                                      (the oldest release whose code can serve it)

``previous.sql`` is the template before the newest release: a test replays it, runs the release and compares.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from tenants.schema.template import Template, current, rendered

_NAME = re.compile(r"(?P<number>\d{4})_(?P<name>[a-z0-9_]+)\.sql")
_LINE = re.compile(r"^-- (?P<key>[a-z-]+): (?P<value>.+)$", re.M)
FIRST = 1


class BrokenRelease(ValueError):
    """A release file does not say what it must."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release file. ``sql`` has the two tokens in place of names."""

    number: int
    name: str
    sql: str
    sql_sha256: str
    from_template: str
    to_template: str
    migrations: tuple[str, ...]
    min_code: int

    def rendered(self, *, schema: str, role: str) -> str:
        """Return the SQL for one schema and role."""
        return rendered(self.sql, schema=schema, role=role)


@lru_cache(maxsize=1)
def releases() -> tuple[Release, ...]:
    """Return every release after the first, oldest first.

    Raises:
        BrokenRelease: a file lacks a line, or numbers or hashes do not follow each other.
    """
    folder = resources.files("tenants.schema.releases")
    found = sorted(
        (read(file.name, file.read_text(encoding="utf-8")) for file in folder.iterdir() if _NAME.fullmatch(file.name)),
        key=lambda release: release.number,
    )
    for position, release in enumerate(found):
        if release.number != FIRST + 1 + position:
            raise BrokenRelease(f"release {FIRST + 1 + position} is missing")
        if position and release.from_template != found[position - 1].to_template:
            raise BrokenRelease(f"release {release.number} does not begin where release {release.number - 1} ends")
    return tuple(found)


def read(file_name: str, text: str) -> Release:
    """Return the release that a file holds.

    Raises:
        BrokenRelease: its name or its first lines are not as they must be.
    """
    named = _NAME.fullmatch(file_name)
    if named is None:
        raise BrokenRelease(f"{file_name}: not NNNN_name.sql")
    said = {found["key"]: found["value"].strip() for found in _LINE.finditer(text)}
    try:
        number = int(said["release"])
        migrations = () if said["migrations"] == "none" else tuple(said["migrations"].replace(",", " ").split())
        release = Release(
            number=number,
            name=named["name"],
            sql=text,
            sql_sha256=hashlib.sha256(text.encode()).hexdigest(),
            from_template=said["from-template"],
            to_template=said["to-template"],
            migrations=migrations,
            min_code=int(said["min-code"]),
        )
    except (KeyError, ValueError) as wrong:
        raise BrokenRelease(f"{file_name}: {wrong} is missing or wrong") from wrong
    if number != int(named["number"]):
        raise BrokenRelease(f"{file_name} says that it is release {number}")
    return release


def newest() -> Release:
    """Return the release that ends at the committed template."""
    return releases()[-1]


def find(number: int) -> Release | None:
    """Return the release with this number; None for the first one and for what this code does not know."""
    return next((release for release in releases() if release.number == number), None)


@lru_cache(maxsize=1)
def previous_template() -> Template:
    """Return the template before the newest release."""
    sql = resources.files("tenants.schema.releases").joinpath("previous.sql").read_text(encoding="utf-8")
    return Template(newest().number - 1, hashlib.sha256(sql.encode()).hexdigest(), sql)


def template_of(number: int) -> Template | None:
    """Return the template of a release, where this code holds it: the newest one and the one before."""
    held = (current(), previous_template())
    return next((template for template in held if template.release == number), None)


def hashes() -> dict[int, str]:
    """Return the template's hash of every release that this code knows, the first included."""
    known = releases()
    return {FIRST: known[0].from_template, **{release.number: release.to_template for release in known}}
