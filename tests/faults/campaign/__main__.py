"""``python -m tests.faults.campaign``: run the scenarios, print a JSON line each, write the page of verdicts."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "operations" / "resiliency.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Return 0 where every promise was kept and every planted loss was found."""
    asked = _parser().parse_args(argv)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    # Only now: a stack's settings are read when these are imported.
    from tests.faults.campaign import all_scenarios, known, page, stage
    from tests.faults.campaign.model import Scenario, perform

    chosen: list[Scenario] = [
        found
        for found in all_scenarios()
        if (not asked.only or found.id in asked.only or set(found.rows) & asked.only)
        and (not asked.small or found.small)
    ]
    if (
        unknown := asked.only
        - {found.id for found in all_scenarios()}
        - {row for found in all_scenarios() for row in found.rows}
    ):
        print(f"There is no scenario {', '.join(sorted(unknown))}.", file=sys.stderr)
        return 2
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"{len(chosen)} scenarios, seed {seed}. Again: --seed {seed} --only <id>", file=sys.stderr, flush=True)
    began, lines = time.monotonic(), []
    out = asked.lines.open("a") if asked.lines else None

    def run(found: Scenario, on: Any) -> None:
        line = perform(found, seed, on)
        lines.append(line)
        print(json.dumps(line), flush=True)
        if out is not None:
            print(json.dumps(line), file=out, flush=True)

    if staged := [found for found in chosen if found.staged]:
        with stage.running() as on, contextlib.suppress(KeyboardInterrupt):
            stage.furnish(on, scenarios=len(staged))
            for found in staged:
                run(found, on)
    known.chosen = [found.id for found in chosen]
    for found in chosen:
        if not found.staged:
            run(found, None)
    wrong = [line["id"] for line in lines if (line["verdict"] == "broken") != line["planted"]]
    words = f"{len(lines)} scenarios in {time.monotonic() - began:.0f} s"
    print(f"{words}: {', '.join(wrong) or 'every promise kept'}", file=sys.stderr)
    if asked.page:
        page.write(PAGE, asked.lines or lines)
    return 1 if wrong or not lines else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.campaign", description=__doc__)
    parser.add_argument("--seed", type=int, help="what the moments and victims are drawn from; default: a new one")
    parser.add_argument("--only", type=lambda text: {word for word in text.split(",") if word}, default=set(),
                        help="ids or rows (F3), by comma")  # fmt: skip
    parser.add_argument("--small", action="store_true", help="the few quick ones that the test suite runs")
    parser.add_argument("--lines", type=Path, help="append the lines to this file as well")
    parser.add_argument("--page", action="store_true", help=f"write {PAGE.relative_to(ROOT)} from the lines")
    return parser


if __name__ == "__main__":
    sys.exit(main())
