"""The order of a deployment and what is held against each part of it: one line of JSON a phase.

Nobody is refused in any of them; who serves is read from the log lines of the web servers themselves. The last line
holds what clients noted against the rows: nothing that was acknowledged is lost, or there twice.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.campaign import judge
from tests.faults.campaign.crowd import Answer, percentile
from tests.faults.campaign.model import Run, Scenario
from tests.faults.campaign.stage import Stage
from tests.rehearsal import codes
from tests.rehearsal.codes import Code
from tests.rehearsal.load import Load
from tests.rehearsal.machine import Machine

WEB = ("web-1", "web-2")
STEPS = ["check", "assets", "template", "canary", "fleet", "verify"]
PLANTS = ("no-drain", "lost-write")
Said = Callable[[dict[str, Any]], None]
_Phase = tuple[str, set[str], list[str], Callable[[], None]]


@dataclass
class Served:
    """What the web servers have written down since somebody last looked."""

    folder: Path
    at: dict[str, int] = field(default_factory=dict)

    def look(self) -> tuple[Counter[str], Counter[str]]:
        """Return how many requests each release answered, and each group."""
        releases, groups = Counter[str](), Counter[str]()
        for name in WEB:
            log = self.folder / f"{name}.log"
            with log.open("rb") as lines:
                lines.seek(self.at.get(name, 0))
                for line in lines.read().splitlines(keepends=True):
                    if not line.endswith(b"\n"):
                        break  # being written
                    self.at[name] = self.at.get(name, 0) + len(line)
                    with contextlib.suppress(ValueError):
                        found = json.loads(line)
                        if found.get("event") == "http.request":
                            releases[found.get("release", "")] += 1
                            groups[name] += 1
        return releases, groups


@dataclass
class Rehearsal:
    """One rehearsal: who runs what, and what has been said of it so far."""

    stage: Stage
    machine: Machine
    before: Code
    now: Code
    load: Load
    say: Said
    seconds: float
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._served = Served(self.machine.folder)

    def run(self, rounds: int) -> bool:
        """Take every phase, the way back and forward again ``rounds`` times; return whether all of it was kept.

        What was planted ends it as soon as it is found: the rest would find it again. Every answer is judged: what
        comes between two phases in the second of them, and what comes when everybody leaves in a phase of its own.
        """
        self._served.look()
        with self.load.at_work():
            for name, serves, steps, act in self._plan(rounds):
                with self._phase(name, serves=serves, steps=steps):
                    act()
                if self.machine.plant and self.broken:
                    break
        self._end(serves)
        self._hold_writes()
        return not self.broken

    def _plan(self, rounds: int) -> list[_Phase]:
        """Each phase: its name, which releases serve in it, which steps are taken, and what is done."""
        old, new = {self.before.image}, {self.now.image}
        begin: list[_Phase] = [("before", old, [], self._watch)]
        if self.machine.plant == "lost-write":
            return [*begin, ("loss", old, [], self._lose_a_write)]
        there: list[_Phase] = [
            ("canary", old, STEPS[:4], self._canaries),
            ("forward", old | new, STEPS, lambda: self._script("deploy", self.now.image)),
            ("after", new, [], self._watch),
        ]
        again: list[_Phase] = [
            ("back", old | new, STEPS, lambda: self._script("rollback")),
            ("before-again", old, [], self._watch),
            ("forward-again", old | new, STEPS, lambda: self._script("deploy", self.now.image)),
            ("after-again", new, [], self._watch),
        ]
        return [*begin, *there, *again * rounds]

    def _script(self, *arguments: str) -> None:
        self.machine.script(*arguments)

    def _canaries(self) -> None:
        """The first half of the steps, and a look at how the canaries do while everybody else waits."""
        if status := self.machine.migrate(self.now, f"--until={STEPS[3]}"):
            raise RuntimeError(f"the steps as far as the canaries ended with {status}")
        self._watch()

    @contextlib.contextmanager
    def _phase(self, name: str, *, serves: set[str], steps: list[str]) -> Iterator[None]:
        began, broken = time.monotonic(), []
        self.machine.steps, self.machine.stops = [], []
        try:
            yield
        except Exception as error:  # noqa: BLE001 - a phase that cannot be finished has kept nothing
            where = traceback.extract_tb(error.__traceback__)[-1]
            broken.append(f"{type(error).__name__}: {str(error)[:1000]} ({where.name}:{where.lineno})")
        answers = self.load.take()
        releases, groups = self._served.look()
        broken += _failures(answers)
        if set(releases) != serves:
            broken.append(f"{sorted(releases)} served and not {sorted(serves)}")
        if set(groups) != set(WEB):
            broken.append(f"only {sorted(groups)} had something to do")
        wrong = [step for step in self.machine.steps if step["state"] not in ("done", "skipped")]
        if [step["step"] for step in self.machine.steps] != steps or wrong:
            broken.append(f"the steps of the release were {self.machine.steps}")
        if not self.machine.plant and (killed := [stop["service"] for stop in self.machine.stops if stop["killed"]]):
            broken.append(f"{killed} had to be killed")
        if ended := self.machine.ended():
            broken.append(f"{ended} ended by themselves")
        self._line(
            name, broken,
            **_counts(answers),
            served_by=releases, served_in=groups,
            p95_ms=percentile(answers, 0.95), longest_ms=percentile(answers, 1.0),
            sign_ups=sum(answer.kind == "sign-up" for answer in answers),
            steps={step["step"]: step["state"] for step in self.machine.steps},
            on_release=dict(self._on_release()),
            stopped={stop["service"]: stop["s"] for stop in self.machine.stops},
            took_s=round(time.monotonic() - began, 1),
        )  # fmt: skip

    def _end(self, serves: set[str]) -> None:
        """Judge what was still on its way when everybody stopped: by the same release as just before."""
        answers, (releases, groups) = self.load.take(), self._served.look()
        broken = _failures(answers)
        if others := set(releases) - serves:
            broken.append(f"{sorted(others)} served and not {sorted(serves)}")
        self._line("end", broken, **_counts(answers), served_by=releases, served_in=groups)

    def _watch(self) -> None:
        time.sleep(self.seconds)

    def _on_release(self) -> list[tuple[str, int]]:
        """How many organizations are on which release of their schema."""
        return self.stage.ask(
            "SELECT release_id::text, count(*) FROM (SELECT DISTINCT ON (organization_id) release_id"
            " FROM tenants_schemaledger WHERE state = 'done' AND organization_id IS NOT NULL"
            " ORDER BY organization_id, finished_at DESC, release_id DESC) latest GROUP BY 1 ORDER BY 1"
        )

    def _hold_writes(self) -> None:
        """Hold what each school's people noted against its rows, and every organization against what it must have."""
        plan = Scenario("rehearsal", (), "Releases", "two releases", "nothing is lost", lambda run: None)
        for slug, crowd in self.load.crowds.items():
            run = Run(plan, 0, self.stage)
            judge.writes(run, crowd, self.load.ledgers[slug], school=slug)
            self._line(f"ledger of {slug}", run.broken, **run.figures)
        run = Run(plan, 0, self.stage)
        judge.organizations(run)
        self._line("organizations", run.broken, **run.figures)

    def _lose_a_write(self) -> None:
        """Remove what somebody was told is kept, behind the product's back; people go on."""
        slug, school = next(iter(self.stage.schools.items()))
        key = self.load.ledgers[slug].of("course", acked=True)[0].key
        self.stage.ask("UPDATE courses_course SET title = 'gone' WHERE title = %s", key, schema=school.schema)
        self._watch()

    def _line(self, phase: str, broken: list[str], **figures: Any) -> None:
        self.broken += [f"{phase}: {words}" for words in broken]
        self.say({"phase": phase, "verdict": "broken" if broken else "kept", **figures, "broken": broken})


def _failures(answers: Sequence[Answer]) -> list[str]:
    """Return what is broken by these answers: nothing where each of them is a good one."""
    failed = [answer for answer in answers if not answer.good]
    words = sorted({f"{answer.kind} {answer.status} {answer.words[:80]}" for answer in failed})
    return [f"{len(failed)} requests failed: {words[:4]}"] if failed else []


def _counts(answers: Sequence[Answer]) -> dict[str, Any]:
    failed = Counter(f"{answer.kind} {answer.status}" for answer in answers if not answer.good)
    return {"requests": len(answers), "failed": failed.total(), "failed_as": failed}


def prepare(folder: Path, asked: str) -> tuple[Code, Code, dict[str, Any]]:
    """Make both releases below ``folder``; return them and what there is to say of them.

    Raises:
        NotPossible: there is no release before.
    """
    before = codes.before(codes.chosen(asked), folder / "before")
    now = codes.now(folder / "now")
    added = codes.schema_release(before) == codes.schema_release(now)
    if added:
        codes.expand(now)
    # The front door is the release before's, and sends what lies in its own tree: files of both are put there.
    shutil.rmtree(before.folder / "frontend/dist", ignore_errors=True)
    (before.folder / "frontend/dist/assets").mkdir(parents=True)
    facts = {
        "before": before.commit[:12], "now": now.commit[:12],
        "schema": [codes.schema_release(before), codes.schema_release(now)],
        "schema_of_the_rehearsal": added, "same_application": before.frontend == now.frontend,
    }  # fmt: skip
    return before, now, facts
