"""The quick part of the fault campaign: promises are kept under real faults, and a planted loss is found."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from devstack import ports
from tests.faults.campaign import all_scenarios, page
from tests.faults.campaign.crowd import Answer, Client, Crowd, Person
from tests.faults.campaign.ledger import Ledger
from tests.faults.campaign.model import Run, Scenario
from tests.support import plugin
from tests.support.fault_proxy import FaultProxy

# What a promise of seconds is broken in, where nothing is lost, twice or refused.
IN_SECONDS = ("served again after ", "learners waited ", "requests of learners hang", "requests hang", "did not arrive")


def _campaign(lines: Path, *chosen: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.campaign", "--small", f"--lines={lines}", *chosen],
        cwd=plugin.ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode in (0, 1), done.stderr[-2000:] + done.stdout[-4000:]
    return done


def _found(lines: Path) -> dict[str, dict[str, Any]]:
    return {line["id"]: line for line in map(json.loads, lines.read_text().splitlines())}


def _is_slow(line: dict[str, Any]) -> bool:
    """Whether promises of seconds are all that was broken."""
    is_broken = line["verdict"] == "broken" and not line["planted"]
    return is_broken and all(any(slow in words for slow in IN_SECONDS) for words in line["broken"])


@pytest.mark.stack
def test_promises_hold_and_what_is_planted_is_found(tmp_path: Path) -> None:
    """A recovery of seconds is one of a machine that is there for it: what took longer is done once more, and counts.

    What was lost, was there twice or was refused counts at once.
    """
    lines = tmp_path / "lines.jsonl"
    done = _campaign(lines)
    found = _found(lines)
    if slow := [line for line in found.values() if _is_slow(line)]:
        again = tmp_path / "again.jsonl"
        repeated = _campaign(again, f"--seed={slow[0]['seed']}", f"--only={','.join(line['id'] for line in slow)}")
        assert repeated.returncode == 0, f"{slow}\n{repeated.stderr[-2000:]}{repeated.stdout[-4000:]}"
        found |= _found(again)
    else:
        assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-4000:]
    assert set(found) == {one.id for one in all_scenarios() if one.small}
    assert {name for name, line in found.items() if line["verdict"] == "broken"} == {
        "self-check-hang",
        "self-check-loss",
        "self-check-twice",
    }
    for line in found.values():
        assert line["acked"] > 20, line  # enough was written for a loss to show


class _Seen(Crowd):
    """People who were at work: what they were answered and what they wait for is given."""

    def __init__(self, clients: list[Client], ledger: Ledger) -> None:
        self.clients, self.ledger = clients, ledger


@pytest.fixture
def run() -> Run:
    return Run(Scenario("a-fault", ("F1",), "Web", "", "", lambda run: None), 7, None)


@pytest.fixture
def seen(tmp_path: Path) -> _Seen:
    """Five learners who were answered at once, a moment ago."""
    at, ledger = time.monotonic(), Ledger(tmp_path / "ledger.jsonl")
    clients = [Client(f"learner-{number}", Person("reef.localhost", {}, ""), 1, ledger) for number in range(5)]
    for client in clients:
        client.answers += [Answer(client.name, "lesson", at - 9 + n / 100, at - 9 + n / 99, 200) for n in range(99)]
    return _Seen(clients, ledger)


def test_who_waits_for_an_answer_is_not_served(run: Run, seen: _Seen) -> None:
    at = time.monotonic()
    run.figure(p95_before_ms=1.0)
    seen.clients[0].asking = ("lesson", at - 0.2)  # on its way, as some request always is
    seen.clients[1].asking = ("course", at - 8)  # nobody who learns
    run.learning_goes_on(seen, at - 10, at)
    assert run.broken == []
    seen.clients[0].asking = ("lesson", at - 8)
    run.learning_goes_on(seen, at - 10, at)
    [words] = run.broken
    assert words.startswith("1 requests of learners hang: ['lesson'], the longest for 8.")


def test_a_fault_that_happened_to_nobody_is_none(run: Run, seen: _Seen) -> None:
    run.noticed(seen, 0.0)
    run.hit(0, "no connection was open")
    run.invited(seen, 0.0)
    assert [words.partition(":")[0].partition(",")[0] for words in run.broken] == [
        "nobody noticed anything",
        "no connection was open",
        "nobody was told that an invitation goes out",
    ]


def test_a_fault_that_happened_to_somebody_is_one(run: Run, seen: _Seen) -> None:
    at = time.monotonic()
    seen.clients[0].answers.append(Answer("learner-0", "lesson", at - 3, at - 1, 200))
    run.noticed(seen, at - 4)
    run.hit(2, "no connection was open")
    seen.ledger.acknowledged(seen.ledger.before("invitation", "ann@example.com"))
    run.invited(seen, at)
    assert run.broken == []
    run.invited(seen, at - 10, at - 5)  # not while the fault lasted
    assert len(run.broken) == 1


def test_the_proxy_says_to_whom_it_happened() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        port = ports.free_base()
        proxy = FaultProxy({"web": (port, server.getsockname()[1])})
        try:
            assert proxy.set("web", "once") == 0
            with closing(socket.create_connection(("127.0.0.1", port))) as link, closing(server.accept()[0]) as there:
                there.sendall(b"hello")
                assert link.recv(5) == b"hello"
                assert proxy.set("web", "once") == 1
                with pytest.raises(ConnectionResetError):
                    link.recv(5)
        finally:
            proxy.close()


def test_every_row_of_the_fault_table_has_a_scenario_and_the_page_names_what_is_there() -> None:
    known = {one.id: one for one in all_scenarios()}
    assert set(page.ROWS) == {row for one in known.values() for row in one.rows}
    named = {one for cells in page.MATRIX.values() for _, ids in cells.values() for one in ids}
    assert named <= set(known)
    assert {part for cells in page.MATRIX.values() for part in cells} <= set(page.PARTS)


def test_what_one_seed_broke_no_other_seed_mends(tmp_path: Path) -> None:
    lines, page_file = tmp_path / "lines.jsonl", tmp_path / "page.md"
    line = {
        "id": "redis-killed", "rows": ["F3"], "part": "Redis", "fault": "kill", "promise": "goes on",
        "planted": False, "broken": [],
    }  # fmt: skip
    runs = [(7, "broken", "05"), (8, "kept", "06")]
    lines.write_text("".join(json.dumps({**line, "seed": s, "verdict": v, "at": f"T{at}"}) + "\n" for s, v, at in runs))
    page.write(page_file, lines)
    assert "| F3 | **broken** |" in page_file.read_text()
    with lines.open("a") as file:
        file.write(json.dumps({**line, "seed": 7, "verdict": "kept", "at": "T07"}) + "\n")
    page.write(page_file, lines)
    assert "| F3 | kept |" in page_file.read_text()
    assert len(lines.read_text().splitlines()) == 1


def test_the_page_says_broken_and_not_run(tmp_path: Path) -> None:
    line = {
        "id": "redis-killed", "seed": 7, "rows": ["F3"], "part": "Redis", "fault": "kill", "promise": "goes on",
        "planted": False, "at": "2026-11-29T05:00:00+00:00", "acked": 5, "lost": 1, "recovery_s": 2.0,
    }  # fmt: skip
    for verdict, words in (("kept", []), ("broken", ["1 acknowledged writes are lost"])):
        page.write(tmp_path / "page.md", [{**line, "verdict": verdict, "broken": words}])
        text = (tmp_path / "page.md").read_text()
        assert ("goes on: **broken**" in text) == (verdict == "broken")
        assert ("1 acknowledged writes are lost" in text) == (verdict == "broken")
        assert f"| F3 | {'**broken**' if words else 'kept'} | redis-killed |" in text
        assert "| F1 | not run |" in text
