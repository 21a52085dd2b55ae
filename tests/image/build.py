"""A build of the Dockerfile without Docker: each stage a root of its own, each COPY and RUN as it stands there."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.image.root import Root
from tests.support.dockerfile import Copy, Stage, context, parse

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class BuildFailed(Exception):
    """A line of the Dockerfile did not do what it should; the text says which and what it printed."""


def build(checkout: Path, folder: Path, say: Callable[[str], None]) -> tuple[Root, Stage]:
    """Build every stage below ``folder``; return the last one's root and what the Dockerfile says of it.

    Raises:
        BuildFailed: something to copy is missing, or a command failed.
    """
    given = folder / "context"
    for name in context(checkout):
        (given / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(checkout / name, given / name)
    _, stages = parse((checkout / "Dockerfile").read_text())
    roots: dict[str, Root] = {}
    for stage in stages:
        began = time.monotonic()
        roots[stage.name] = _build(stage, folder, given, roots)
        say(f"{stage.name}: {time.monotonic() - began:.0f} s")
    return roots[stages[-1].name], stages[-1]


def _build(stage: Stage, folder: Path, given: Path, roots: dict[str, Root]) -> Root:
    root = Root(folder / stage.name)
    root.make()
    registries = root.with_registries()
    # The base of an image has its Python or Node on the path: here, this machine's.
    environ = {"PATH": f"{Path(sys.base_prefix) / 'bin'}:{SYSTEM_PATH}", "HOME": "/root", **registries}
    cwd = "/"
    with (folder / f"{stage.name}.log").open("wb") as log:
        for verb, words in stage.instructions:
            if verb == "WORKDIR":
                cwd = words
                (root.path / cwd.lstrip("/")).mkdir(parents=True, exist_ok=True)
            elif verb == "ENV" and not stage.all("USER"):
                environ |= stage.environment()
            elif verb == "COPY":
                copy = Copy.parse(words)
                _copy(copy, roots[copy.stage].path if copy.stage else given, root, cwd)
            elif verb == "RUN" and root.run(["sh", "-ec", words], env=environ, cwd=cwd, output=log):
                log.flush()
                said = Path(log.name).read_text(errors="replace")[-4000:]
                raise BuildFailed(f"stage {stage.name}: RUN {words}\n{said}")
    return root


def _copy(copy: Copy, source: Path, root: Root, cwd: str) -> None:
    """Copy as Docker does: of a folder its contents, of a file the file."""
    folder = Path(cwd, copy.target)
    target = root.path / str(folder).lstrip("/")
    for name in copy.sources:
        here = source / name.lstrip("/")
        if here.is_dir():
            shutil.copytree(here, target, symlinks=True, dirs_exist_ok=True)
        elif here.is_file():
            into = target / here.name if copy.target.endswith("/") or len(copy.sources) > 1 else target
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(here, into)
        else:
            raise BuildFailed(f"COPY {name}: it is not in {'the context' if not copy.stage else copy.stage}")
