"""``python -m tests.rehearsal``: rehearse a deployment. Ends with 0 where nobody was refused and nothing was lost.

1 where a promise was broken, 2 where there is no release before to rehearse with.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any


def main(argv: Sequence[str] | None = None) -> int:
    """Rehearse; return the status."""
    asked = _parser().parse_args(argv)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    # Only now: a stack's settings are read when these are imported.
    from tests.rehearsal import codes, phases, staging

    if asked.plant and asked.plant not in phases.PLANTS:
        print(f"There is nothing to plant called {asked.plant}: {', '.join(phases.PLANTS)}.", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # whoever ends it wants it tidied up
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    began = time.monotonic()
    with _folder(keep=asked.keep) as folder:
        try:
            before, now, facts = phases.prepare(folder, asked.before)
        except codes.NotPossible as missing:
            print(f"NOT REHEARSED: {missing}", file=sys.stderr)
            return 2
        _say({"phase": "releases", "seed": seed, **facts, "planted": asked.plant or None})
        with staging.running(folder, before, now, seed=seed, plant=asked.plant) as (stage, machine, load):
            rehearsal = phases.Rehearsal(stage, machine, before, now, load, _say, asked.seconds)
            kept = rehearsal.run(asked.rounds)
    for words in rehearsal.broken:
        print(f"BROKEN {words}", file=sys.stderr)
    verdict = "every promise kept" if kept else f"{len(rehearsal.broken)} promises broken"
    print(f"Rehearsed in {time.monotonic() - began:.0f} s: {verdict}.", file=sys.stderr)
    return 0 if kept else 1


def _say(line: dict[str, Any]) -> None:
    print(json.dumps(line), flush=True)


@contextlib.contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lms-rehearsal-"))
    folder.chmod(0o711)  # where PostgreSQL runs as nobody, it has to be able to pass through
    try:
        yield folder
    finally:
        if keep:
            print(f"Kept in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.rehearsal", description=__doc__)
    parser.add_argument("--before", default="", help="commit of the release before (default: LMS_REHEARSAL_FROM)")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each phase that only watches lasts")
    parser.add_argument("--rounds", type=int, default=1, help="how often it goes back and forward again")
    parser.add_argument("--seed", type=int, help="what people do is drawn from it; default: a new one")
    parser.add_argument("--plant", default="", help="a fault that has to be found: no-drain, lost-write")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs")
    return parser


if __name__ == "__main__":
    sys.exit(main())
