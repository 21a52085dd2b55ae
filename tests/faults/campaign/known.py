"""Rows that tests of their own hold: kill -9 at every statement, races of fifty, two releases. Run as they are."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.faults.campaign.model import Run, scenario

ROOT = Path(__file__).resolve().parents[3]
LONGEST_SECONDS = 2400
_LINE = re.compile(r"^(\S+\.py)::(\w+)\S* (PASSED|FAILED|ERROR|SKIPPED)", re.M)

TESTS: dict[str, tuple[str, ...]] = {}
"""By scenario: files, or single tests as ``file::test``."""
chosen: list[str] = []
"""The scenarios that are asked for: their tests run in one go, which sets a database up once."""
_said: dict[int, str] = {}
_FLEET = "tests/faults/test_fleet.py"


def _known(id: str, rows: str, *tests: str, part: str, fault: str, promise: str) -> None:
    """Register these tests as one scenario."""
    TESTS[id] = tests

    @scenario(id, rows, part=part, fault=fault, promise=promise, staged=False)
    def run_tests(run: Run) -> None:
        if run.seed not in _said:
            _said[run.seed] = _run({test for one in {id, *chosen} & set(TESTS) for test in TESTS[one]}, run.seed)
        said = _said[run.seed]
        results = [
            (f"{file}::{name}", result)
            for file, name, result in _LINE.findall(said)
            if any(test in (file, f"{file}::{name}") for test in tests)
        ]
        passed = [name for name, result in results if result == "PASSED"]
        run.figure(tests=list(tests), passed=len(passed))
        silent = [test for test in tests if not any(name.startswith(test) for name, _ in results)]
        run.require(not silent, f"did not run: {silent}; {said[-400:]}")
        others = [(name, result) for name, result in results if result != "PASSED"]
        run.require(not others, f"{others[:4]}")


def _run(tests: set[str], seed: int) -> str:
    """Run the tests; return what pytest printed, as far as it came."""
    seeds = {"LMS_FAULTS_SEED": str(seed), "FLEET_SEED": str(seed), "PYTHONHASHSEED": str(seed % 2**32)}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LMS_", "DJANGO_"))}
    argv = [sys.executable, "-m", "pytest", *sorted(tests), "-v", "-p", "no:cacheprovider", "--no-header"]
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(argv, cwd=ROOT, env={**kept, **seeds}, stdout=said, stderr=subprocess.STDOUT)
        try:
            process.wait(LONGEST_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGINT)  # it stops the servers that it started
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(120)
            process.kill()  # they stop by themselves when it has gone
        said.seek(0)
        return said.read()


_known(
    "relay-killed", "F4", "tests/faults/test_relay_killed.py", "tests/faults/test_dispatcher_killed.py",
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
    "fleet-killed", "F13",
    f"{_FLEET}::test_a_runner_killed_at_any_statement_leaves_nobody_half_way_and_the_next_one_goes_on",
    f"{_FLEET}::test_one_that_fails_says_why_and_the_others_are_done",
    f"{_FLEET}::test_too_many_failures_stop_everything_and_it_goes_on_when_told_to",
    part="Workers", fault="the schema migration killed at every statement, organizations that fail or are locked",
    promise="everybody is at one release or the other, serves, and arrives once",
)  # fmt: skip
_known(
    "two-releases", "F14", "tests/faults/test_two_releases.py",
    part="Web", fault="old and new code beside each other while the fleet is brought along",
    promise="both serve, no field is lost",
)  # fmt: skip
_known(
    "races", "F19", "tests/faults/test_last_seat.py", "tests/faults/test_usage_races.py",
    part="PostgreSQL", fault="fifty at once for the last seats, twenty for the last domains",
    promise="never more than there are, never fewer",
)  # fmt: skip
_known(
    "fair-threads", "F15 F18", "tests/faults/test_fair_threads.py", "platform/config/tests/test_statement_time.py",
    part="Web", fault="slow requests of one organization",
    promise="threads are left for the others; a statement is stopped after 5 s",
)  # fmt: skip
_known(
    "organizations-killed", "F6", "tests/faults/test_lifecycle.py", "tests/faults/test_archives_killed.py",
    part="Workers", fault="kill -9 while an organization is paused, exported, restored or deleted",
    promise="all of it or nothing, and it resumes",
)  # fmt: skip
_known(
    "supervisor-killed", "F2",
    "tests/faults/test_supervisor.py::test_killed_outright_it_leaves_no_process_and_loses_no_data",
    "tests/faults/test_supervisor.py::test_the_whole_product_killed_outright_leaves_no_process",
    "tests/faults/test_web_groups.py",
    part="Several", fault="kill -9 of the embedded supervisor, of its keeper, of a web group",
    promise="no process is left, no data is lost, every host is served",
)  # fmt: skip
