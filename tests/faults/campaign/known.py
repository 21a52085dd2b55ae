"""Rows that tests of their own hold: kill -9 at every statement, races of fifty, two releases. Run as they are."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.faults.campaign.model import Run, scenario

ROOT = Path(__file__).resolve().parents[3]
LONGEST_SECONDS = 900


def _known(id: str, rows: str, tests: str, *, part: str, fault: str, promise: str, words: str = "") -> None:
    """Register pytest's ``tests`` (by spaces) as one scenario; ``words`` is a ``-k`` expression."""

    @scenario(id, rows, part=part, fault=fault, promise=promise, staged=False)
    def run_tests(run: Run) -> None:
        seeds = {"LMS_FAULTS_SEED": str(run.seed), "FLEET_SEED": str(run.seed), "PYTHONHASHSEED": str(run.seed % 2**32)}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("LMS_", "DJANGO_"))}
        chosen = ["-k", words] if words else []
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *tests.split(), *chosen, "-q", "-p", "no:cacheprovider"],
            cwd=ROOT,
            env={**kept, **seeds},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )
        found = re.findall(r"(\d+) (passed|failed|skipped|error)", done.stdout)
        counts = {word: int(number) for number, word in found}
        run.figure(tests=tests.split(), passed=counts.get("passed", 0))
        run.require(counts.get("passed"), "no test passed")
        run.require(done.returncode == 0, done.stdout[-600:])
        run.require("skipped" not in counts, f"{counts.get('skipped')} tests were skipped")


_known(
    "relay-killed", "F4", "tests/faults/test_relay_killed.py tests/faults/test_dispatcher_killed.py",
    part="Workers", fault="kill -9 of relay, worker and leading dispatcher at every statement",
    promise="each outbox row has its effect once",
)  # fmt: skip
_known(
    "provisioning-killed", "F6 F5", "tests/faults/test_provisioning.py",
    part="Workers", fault="kill -9 of the provisioner at every statement of every step",
    promise="nothing half-made, and it resumes",
)  # fmt: skip
_known(
    "transcode-killed", "F7", "tests/faults/test_transcode_killed.py",
    part="Workers", fault="kill -9 of the media worker in the first stage and in the ladder",
    promise="a film is ready or failed, and nothing is published before all of it is there",
)  # fmt: skip
_known(
    "stripe-events", "F10", "platform/billing/tests/test_inbox.py",
    part="Stripe", fault="events twice, in every order, late and missing",
    promise="the same state whatever the order; what is missing is found by the sweep",
)  # fmt: skip
_known(
    "stripe-races", "F11 F19", "tests/faults/test_buying_races.py",
    part="Stripe", fault="a process dies between call and commit, answers are lost, buttons are pressed fifty times",
    promise="one charge, one subscription",
)  # fmt: skip
_known(
    "fleet-killed", "F13", "tests/faults/test_fleet.py",
    part="Workers", fault="the schema migration killed at every statement, organizations that fail or are locked",
    promise="everybody is at one release or the other, serves, and arrives once", words="killed or fails",
)  # fmt: skip
_known(
    "two-releases", "F14", "tests/faults/test_two_releases.py",
    part="Web", fault="old and new code beside each other while the fleet is brought along",
    promise="both serve, no field is lost",
)  # fmt: skip
_known(
    "races", "F19", "tests/faults/test_last_seat.py tests/faults/test_usage_races.py",
    part="PostgreSQL", fault="fifty at once for the last seats, twenty for the last domains",
    promise="never more than there are, never fewer",
)  # fmt: skip
_known(
    "fair-threads", "F15 F18", "tests/faults/test_fair_threads.py platform/config/tests/test_statement_time.py",
    part="Web", fault="slow requests of one organization",
    promise="threads are left for the others; a statement is stopped after 5 s",
)  # fmt: skip
_known(
    "organizations-killed", "F6", "tests/faults/test_lifecycle.py tests/faults/test_archives_killed.py",
    part="Workers", fault="kill -9 while an organization is paused, exported, restored or deleted",
    promise="all of it or nothing, and it resumes", words="killed or stale or resumed",
)  # fmt: skip
_known(
    "supervisor-killed", "F2", "tests/faults/test_supervisor.py tests/faults/test_web_groups.py",
    part="Several", fault="kill -9 of the embedded supervisor, of its keeper, of a web group",
    promise="no process is left, no data is lost, every host is served", words="killed or die",
)  # fmt: skip
