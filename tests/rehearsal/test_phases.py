"""What a rehearsal calls broken: each of its promises with something planted that breaks it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock, create_autospec

import pytest

from tenants.schema import releases
from tests.faults.campaign.crowd import Answer, Person
from tests.faults.campaign.stage import School, Stage
from tests.rehearsal import codes, staging
from tests.rehearsal.load import Load
from tests.rehearsal.phases import STEPS, Rehearsal, Served
from tests.support.plugin import ROOT

OLD, NEW = "lms:before", "lms:now"
_NOBODY = ["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]


def _line(release: str, event: str = "http.request") -> str:
    return json.dumps({"event": event, "release": release}) + "\n"


class Quiet(Rehearsal):
    """A rehearsal of nothing: what was seen in its one phase is given."""

    def _on_release(self) -> list[tuple[str, int]]:
        return []


def _judged(folder: Path, *, logs: dict[str, str], status: int = 200, steps: Any = (), **seen: Any) -> list[str]:
    """Return what is broken in a phase in which both releases should serve while the steps are taken."""
    for name in ("web-1", "web-2"):
        (folder / f"{name}.log").write_text(logs.get(name, ""))
    taken = [{"step": name, "state": "done"} for name in STEPS] if steps == () else steps
    machine: Any = SimpleNamespace(folder=folder, plant="", ended=lambda: seen.get("ended", []))
    answers = [Answer("somebody", "lesson", 0.0, 0.0, code) for code in (200, status)]
    load: Any = SimpleNamespace(take=lambda: answers)
    lines: list[dict[str, Any]] = []
    code: Any = SimpleNamespace(image="")
    rehearsal = Quiet(SimpleNamespace(), machine, code, code, load, lines.append, 0)  # type: ignore[arg-type]
    with rehearsal._phase("forward", serves={OLD, NEW}, steps=STEPS):
        machine.steps, machine.stops = taken, seen.get("stops", [])
        if "raises" in seen:
            raise seen["raises"]
    assert (lines[0]["verdict"] == "broken") == bool(lines[0]["broken"]) == bool(rehearsal.broken)
    assert lines[0]["requests"] == 2
    return list(lines[0]["broken"])


BOTH = {"web-1": _line(OLD) + _line(NEW), "web-2": _line(NEW)}


def test_a_phase_in_which_all_went_well_is_kept(tmp_path: Path) -> None:
    assert _judged(tmp_path, logs=BOTH) == []


@pytest.mark.parametrize("status", [0, 403, 429, 500, 502, 503])
def test_one_request_that_failed_breaks_it(tmp_path: Path, status: int) -> None:
    [words] = _judged(tmp_path, logs=BOTH, status=status)
    assert words.startswith("1 requests failed")


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        ({"logs": {"web-1": _line(NEW), "web-2": _line(NEW)}}, "served and not"),
        ({"logs": {"web-1": _line(OLD) + _line(NEW)}}, "had something to do"),
        ({"logs": BOTH, "steps": [{"step": "check", "state": "done"}]}, "the steps of the release were"),
        ({"logs": BOTH, "steps": [{"step": s, "state": "refused"} for s in STEPS]}, "the steps of the release were"),
        ({"logs": BOTH, "stops": [{"service": "web-1", "killed": True, "s": 30.0}]}, "had to be killed"),
        ({"logs": BOTH, "ended": ["worker"]}, "ended by themselves"),
        ({"logs": BOTH, "raises": RuntimeError("the script ended with 1")}, "the script ended with 1"),
    ],
)
def test_whatever_else_went_wrong_breaks_it(tmp_path: Path, seen: dict[str, Any], words: str) -> None:
    [broken] = _judged(tmp_path, **seen)
    assert words in broken


class Leaving:
    """Everybody who is at work: some answers come while a phase lasts, others behind it, the last as they leave."""

    def __init__(self, *statuses: int) -> None:
        self._statuses = list(statuses)
        self._here: list[Answer] = []

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        yield
        self.tell()

    def tell(self) -> None:
        at = time.monotonic()
        self._here.append(Answer("somebody", "lesson", at, at, self._statuses.pop(0)))

    def take(self) -> list[Answer]:
        here, self._here = self._here, []
        return here


@pytest.mark.parametrize(
    ("statuses", "broken"),
    [
        ((200, 200, 200, 200), {}),
        ((200, 502, 200, 200), {"after": "1 requests failed"}),  # between two phases
        ((200, 200, 200, 0), {"end": "1 requests failed"}),  # when everybody leaves
    ],
)
def test_no_answer_is_in_no_phase(tmp_path: Path, statuses: tuple[int, ...], broken: dict[str, str]) -> None:
    machine: Any = SimpleNamespace(folder=tmp_path, plant="", ended=list)
    load, lines, code = Leaving(*statuses), list[dict[str, Any]](), SimpleNamespace(image=OLD)

    class TwoPhases(Quiet):
        def _plan(self, rounds: int) -> list[Any]:
            return [("before", {OLD}, [], self._watch), ("after", {OLD}, [], self._watch)]

        def _watch(self) -> None:
            for name in ("web-1", "web-2"):
                with (tmp_path / f"{name}.log").open("a") as log:
                    log.write(_line(OLD))
            load.tell()

        def _line(self, phase: str, broken: list[str], **figures: Any) -> None:
            super()._line(phase, broken, **figures)
            if phase == "before":
                load.tell()

        def _hold_writes(self) -> None:
            pass

    for name in ("web-1", "web-2"):
        (tmp_path / f"{name}.log").write_text("")
    kept = TwoPhases(SimpleNamespace(), machine, code, code, load, lines.append, 0).run(0)  # type: ignore[arg-type]
    assert kept == (not broken)
    assert [line["requests"] for line in lines] == [1, 2, 1]
    said = {line["phase"]: line["broken"][0].partition(":")[0] for line in lines if line["broken"]}
    assert said == broken


def test_who_served_is_read_from_whole_lines_once(tmp_path: Path) -> None:
    (tmp_path / "web-1.log").write_text("[info] begins\n" + _line(OLD) + _line(NEW, "db.slow") + _line(NEW)[:20])
    (tmp_path / "web-2.log").write_text("")
    served = Served(tmp_path)
    assert served.look() == (Counter({OLD: 1}), Counter({"web-1": 1}))
    with (tmp_path / "web-1.log").open("a") as log:
        log.write(_line(NEW)[20:])
    assert served.look() == (Counter({NEW: 1}), Counter({"web-1": 1}))
    assert served.look() == (Counter(), Counter())


def test_a_column_that_is_added_is_a_release_as_any_other(tmp_path: Path) -> None:
    for name in ("template.sql", "releases/0002_frozen_at.sql"):
        there = tmp_path / "tenants/schema" / name
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_text((ROOT / "tenants/schema" / name).read_text())
    code = codes.Code(NEW, "", tmp_path, tmp_path, tmp_path)
    before = codes.schema_release(code)
    codes.expand(code)
    [path] = (tmp_path / "tenants/schema/releases").glob(f"{before + 1:04}_*.sql")
    release = releases.read(path.name, path.read_text())
    template = (tmp_path / "tenants/schema/template.sql").read_text()
    assert (release.number, release.min_code) == (before + 1, before)
    assert release.to_template == hashlib.sha256(template.encode()).hexdigest()
    previous = (tmp_path / "tenants/schema/releases/previous.sql").read_text()
    assert release.from_template == hashlib.sha256(previous.encode()).hexdigest()
    [column] = set(template.splitlines()) - set(previous.splitlines())
    assert re.fullmatch(r"    rehearsed_at timestamp with time zone,", column)


def test_the_release_before_is_the_one_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(codes.FROM, "no-such-commit")
    with pytest.raises(codes.NotPossible, match="not in this history"):
        codes.chosen()


def test_the_release_before_is_one_whose_migrations_have_an_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def commit(name: str, after: str = "") -> str:
        path = tmp_path / f"platform/money/migrations/{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'dependencies = [("money", "{after}")]\n')
        for words in (["add", "."], [*_NOBODY, "commit", "-qm", name]):
            subprocess.run(["git", *words], cwd=tmp_path, check=True)
        return codes._git("rev-parse", "HEAD")

    monkeypatch.delenv(codes.FROM, raising=False)
    monkeypatch.setattr(codes, "ROOT", tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit("0001_initial")
    told = commit("0002_prices", "0001_initial")
    assert codes.chosen() != told
    commit("0003_taxes", "0002_prices")
    assert codes.chosen() == told
    commit("0004_also_after_prices", "0002_prices")
    commit("0005_both", "0004_also_after_prices")
    assert codes._git("log", "-1", "--format=%s", codes.chosen()) == "0003_taxes"


def test_who_is_at_work_is_made_as_the_fault_campaign_makes_them(tmp_path: Path) -> None:
    stage = create_autospec(Stage, instance=True)
    staging.furnish(stage, ["reef", "dune"])
    assert [call.args for call in stage.found.call_args_list] == [("reef",), ("dune",)]
    learners = [Person("reef.localhost", {}, "", enrollment=f"enrollment-{n}", lessons=("one", "two")) for n in (1, 2)]
    stage.port = 1
    stage.schools = {"reef": School("reef", Mock(), Person("reef.localhost", {}, ""), learners)}
    load = Load(stage, tmp_path, seed=1)
    assert [client.name for client in load.crowds["reef"].clients] == ["learner-1", "learner-2", "author", "owner"]
    assert load.take() == []
    answers = [Answer("somebody", "lesson", float(n), float(n), 200) for n in range(3)]
    load.crowds["reef"].clients[0].answers.append(answers[0])
    load.newcomers.answers.append(answers[1])
    assert load.take() == answers[:2]
    load.crowds["reef"].clients[0].answers.append(answers[2])
    assert load.take() == answers[2:], "each answer is once"
