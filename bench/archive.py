"""An organization of 200 learners, 5 courses and 50,000 events: into an archive, and back out of it with equal digests.

The work is done as the archivist does it: a process with the owning login, over the embedded PostgreSQL (durable) and
object store. Courses and enrollments are made by the product's services, people and events in bulk.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import report

ROOT = Path(__file__).resolve().parents[1]
EXPORT_BAR_SECONDS = 60.0
RESTORE_BAR_SECONDS = 300.0
SIZE = {"learners": 200, "courses": 5, "lessons": 10, "events": 50_000, "films": 5, "film_bytes": 20_000_000}
# What a restore counts or queues anew instead of putting it back.
ANEW = (
    "shared:billing_quota",
    "shared:events_outboxdelivery",
    "shared:events_outboxmessage",
    "shared:media_storageentry",
)


def run() -> None:
    """Measure an export, and a restore from the request to the swap."""
    from devstack import embedded

    with embedded.running(parts={"postgres", "valkey", "s3"}, fsync=True) as stack:
        environment = {
            **os.environ,
            **stack,
            **stack.owner,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        }
        subprocess.run(
            [sys.executable, "manage.py", "prepare_database", "--verbosity=0"], cwd=ROOT, env=environment, check=True
        )
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.archives"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            _measure(process)
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=30)


def _measure(process: subprocess.Popen[str]) -> None:
    school = _ask(process, "school", slug="bench-school", **SIZE)
    rival = _ask(process, "school", slug="bench-rival")
    before, rivals = _ask(process, "digests", organization=school), _ask(process, "digests", organization=rival)
    held = _ask(process, "memory")

    begun = time.perf_counter()
    made = _ask(process, "export", organization=school)
    seconds = time.perf_counter() - begun
    _expect(made, "ready")
    report.figure(
        "export",
        seconds,
        "s",
        "<=",
        EXPORT_BAR_SECONDS,
        rows=made["rows"],
        tables=made["tables"],
        media_bytes=made["objects_bytes"],
        archive_bytes=made["size_bytes"],
        memory_mib_before=round(held),
        memory_mib_after=round(_ask(process, "memory")),
        **SIZE,
    )

    # What the archive must bring back: rows that are gone, and a film.
    _ask(process, "sql", organization=school, statement="DELETE FROM progress_learningevent")
    gone = [name.removeprefix("object:") for name in before if name.startswith("object:") and "/in/" in name]
    _ask(process, "unput", keys=gone[:1])
    begun = time.perf_counter()
    compared = _ask(process, "restore", organization=school, archive=made["id"])
    _expect(compared, "compared")
    _ask(process, "ask", what="swap", job=compared["id"])
    swapped = _ask(process, "restore", organization=school, job=compared["id"])
    seconds = time.perf_counter() - begun
    _expect(swapped, "swapped")
    after = _ask(process, "digests", organization=school)
    differing = sorted(name for name in before if name not in ANEW and after.get(name) != before[name])
    untouched = _ask(process, "digests", organization=rival) == rivals
    if differing or not untouched:
        report.failed("archive", f"digests differ: {differing}; the other organization is untouched: {untouched}")
    report.figure(
        "restore",
        seconds,
        "s",
        "<=",
        RESTORE_BAR_SECONDS,
        tables_equal=len(before) - len(differing) - len(ANEW),
        differing=differing,
        other_organization_untouched=untouched,
        came_back=[line["words"] for line in compared["comparison"]["tables"] if not line["same"]],
        memory_mib_after=round(_ask(process, "memory")),
    )


def _ask(process: subprocess.Popen[str], command: str, /, **arguments: Any) -> Any:
    assert process.stdin
    assert process.stdout
    process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
    process.stdin.flush()
    answer = json.loads(process.stdout.readline())
    if "result" not in answer:
        raise RuntimeError(answer["error"])
    return answer["result"]


def _expect(job: dict[str, Any], state: str) -> None:
    if job["state"] != state:
        raise RuntimeError(f"it is {job['state']}: {job['error_code']} {job['error_detail']}")
