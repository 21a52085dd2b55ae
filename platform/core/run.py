"""``python -m core.run <process>`` (in the image: ``lms <process>``): become one of the programs of ``core.processes``.

``manage <command> …`` is Django's command line. ``probe`` asks the program of this container whether it is alive.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from core import probe
from core.processes import PROCESSES, SETTINGS, UnknownProcess, environment, find

USAGE = f"lms {' | '.join(PROCESSES)} | manage <command> … | probe"


def main(given: Sequence[str] | None = None) -> int:
    """Become the program, or ask for its health. Returns 2, with one sentence, where it cannot be set up."""
    name, *arguments = (list(given) if given is not None else sys.argv[1:]) or [""]
    try:
        if name == "probe":
            return 0 if probe.is_alive(probe.of_this_container()) else 1
        if name == "manage":
            settings = {"DJANGO_SETTINGS_MODULE": os.environ.get("DJANGO_SETTINGS_MODULE") or SETTINGS}
            _become([sys.executable, "-m", "django", *arguments], os.environ | settings)
        process = find(name)
        _become([*process.argv(os.environ), *arguments], environment(process, os.environ))
    except UnknownProcess as problem:
        sys.stderr.write(f"{problem}\nUsage: {USAGE}\n")
        return 2


def _become(argv: list[str], environ: Mapping[str, str]) -> NoReturn:
    """Replace this process: the program has its id, its parent and its signals."""
    try:
        os.execve(argv[0], argv, dict(environ))  # noqa: S606 - no shell is wanted
    except OSError as problem:
        raise UnknownProcess(f"{argv[0]} cannot be started: {problem.strerror}.") from problem


if __name__ == "__main__":
    sys.exit(main())
