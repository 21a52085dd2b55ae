"""The built application's files: put where every release finds its own, and served where nobody in front of us does.

A page asks for the files of the release that made it. While two releases serve, and for as long as a page stays open,
the files of both have to be there: each release puts its own beside those of the releases before.
"""

from __future__ import annotations

import contextlib
import mimetypes
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise import WhiteNoise

from core.headers import HEADERS
from media.services import objects
from tenancy import hosts

FOREVER = "public, max-age=31536000, immutable"
"""File names carry a hash of their content."""
KEPT_DAYS = 30
"""How long a file stays after a release without it took the place of one that had it."""
STORE = "store"
SERVES = ".serves"
"""In a folder: the names of the release whose steps last ended well, a line each."""
_PREFIX = "assets/"
_DAY_SECONDS = 86_400


class NothingBuilt(Exception):
    """There is no built application to put anywhere."""


def publish(target: str) -> int:
    """Put the files into the folder ``target``, or with ``store`` into the object store; return how many there are.

    Safe to repeat. A folder loses what no release of the last thirty days had. The object store keeps everything: its
    rules know an object's age and not whether somebody serves it, and a release may serve for longer than any age.

    Raises:
        NothingBuilt: no application has been built.
        OSError, media.errors.StorageUnavailable: it cannot be written.
    """
    files = list(_built())
    if not files:
        raise NothingBuilt(f"{_folder()} is empty: build the frontend first.")
    if target == STORE:
        _to_store(files)
    else:
        _to_folder(files, Path(target))
    return len(files)


def settle(target: str) -> None:
    """Note that this release may serve: its files have an age only once another has taken its place.

    Raises:
        OSError: it cannot be written.
    """
    if target == STORE:
        return
    noted = Path(target) / SERVES
    new = noted.with_name(f"{SERVES}.new")
    new.write_text("".join(f"{_name(path)}\n" for path in _built()))
    new.replace(noted)


def served(application: Callable[..., Any]) -> Callable[..., Any]:
    """Return ``application`` with the built files in front of it, for an installation whose front door has none.

    Hosts of user-made content have none of ours.
    """
    folder = _folder()
    if not folder.is_dir():
        return application
    front = WhiteNoise(
        application,
        immutable_file_test=lambda path, url: True,
        max_age=31_536_000,
        add_headers_function=_say,
    )
    front.add_files(str(folder), prefix=_PREFIX)

    def apart(environ: dict[str, Any], start: Callable[..., Any]) -> Any:
        return (application if _is_content(environ) else front)(environ, start)

    return apart


def _say(headers: Headers, path: str, url: str) -> None:
    for name, value in HEADERS["asset"].items():
        headers[name] = value


def _is_content(environ: dict[str, Any]) -> bool:
    try:
        return hosts.surface_of(hosts.canonical(environ.get("HTTP_HOST", ""))) == "content"
    except hosts.BadHost:
        return False


def _folder() -> Path:
    return Path(settings.FRONTEND_DIST) / "assets"


def _built() -> Iterator[Path]:
    folder = _folder()
    return (path for path in sorted(folder.rglob("*")) if path.is_file()) if folder.is_dir() else iter(())


def _name(path: Path) -> str:
    return path.relative_to(_folder()).as_posix()


def _to_folder(files: list[Path], target: Path) -> None:
    for path in files:
        there = target / _name(path)
        there.parent.mkdir(parents=True, exist_ok=True)
        if there.exists() and there.stat().st_size == path.stat().st_size:
            os.utime(there)  # one more release has it
            continue
        new = there.with_name(f"{there.name}.new")
        new.write_bytes(path.read_bytes())
        new.chmod(0o644)
        new.replace(there)
    try:
        serving = (target / SERVES).read_text().splitlines()
    except FileNotFoundError:
        return  # nobody knows yet which of them somebody serves
    for name in serving:
        with contextlib.suppress(FileNotFoundError):
            os.utime(target / name)  # it serves now, and goes on until this release takes its place, or for good
    oldest = time.time() - KEPT_DAYS * _DAY_SECONDS
    for path in target.rglob("*"):
        if path.is_file() and path.name != SERVES and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def _to_store(files: list[Path]) -> None:
    store = objects.store()
    for path in files:
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        store.put_file(_PREFIX + _name(path), path, content_type=kind, cache_control=FOREVER)
