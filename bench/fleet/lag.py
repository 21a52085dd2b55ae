"""``outbox_lag`` over the whole fleet: a fact's way to its effect, with dispatcher and worker as they run."""

from __future__ import annotations

import json
import subprocess
import sys

from bench import report
from bench.fleet.fleet import Fleet
from bench.product import ROOT

PARTS = frozenset({"postgres", "valkey", "schema", "s3", "worker", "dispatcher"})


def measure(small: Fleet, large: Fleet) -> None:
    """Let the product work off what the fleet's making left behind, then publish over all organizations."""
    with large.running(PARTS):
        done = subprocess.run(
            [sys.executable, "-m", "bench.fleet.publisher"],
            cwd=ROOT,
            env=large.environment(),
            input=json.dumps([one["id"] for one in large.roster]),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    drained, figure = (json.loads(line) for line in done.stdout.splitlines())
    report.figure(**{key: figure[key] for key in ("name", "value", "unit", "op", "bar")}, **figure["detail"], **drained)
