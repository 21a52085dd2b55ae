"""The drill: a cluster at work is destroyed and brought back by one command from base backup and log."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.progress.watch import load
from devstack import embedded, environment
from devstack.demo.browser import Browser as Caller
from tests.faults.campaign import digests, films
from tests.faults.campaign.crowd import Crowd
from tests.faults.campaign.ledger import Entry, Ledger
from tests.faults.campaign.model import Run, scenario
from tests.faults.campaign.stage import UNLIMITED, School, Stage, Whole
from tests.journeys.conftest import PASSWORD
from tests.support.fault_proxy import FaultProxy

ROOT = Path(__file__).resolve().parents[3]
POINT = "drill"
FILMS_EVERY = 5
# What the page of backups promises: a stretch of log leaves after 60 s, and takes a moment.
RPO_SECONDS = 75.0
RTO_SECONDS = 1800.0
PRODUCT = ("web-1", "web-2", "worker", "provisioner", "archivist", "media", "dispatcher", "edge")


@scenario(
    "full-loss", "F21", part="PostgreSQL",
    fault="the cluster of 20 organizations killed while people work, its folder removed",
    promise="one command brings back every table as it was, a minute of work lost at most, people and films at once",
    staged=False,
)  # fmt: skip
def full_loss(run: Run) -> None:
    count = int(os.environ.get("DRILL", "20"))
    folder = Path(tempfile.mkdtemp(prefix="lms-drill-"))
    folder.chmod(0o711)
    try:
        _drill(run, folder, count)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _stack(folder: Path, name: str, parts: set[str] | None = None) -> Iterator[Stage]:
    extra = {"LMS_PG_ARCHIVE": str(folder / "archive"), **UNLIMITED, "LMS_SIGN_UPS_PER_IP": "100000"}
    with embedded.running(parts, data_dir=folder / name, fsync=True, extra_env=extra) as stack:
        whole = Whole(stack)
        whole.mail_port = stack.settings.ports["mail"]
        yield Stage(stack, stack, whole, FaultProxy({}), folder)


def _devstack(folder: Path, name: str, *words: str, **extra: str) -> str:
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LMS_")}
    environ = {**kept, "LMS_DATA_DIR": str(folder / name), "LMS_PG_ARCHIVE": str(folder / "archive"), **extra}
    done = subprocess.run(
        [sys.executable, "-m", "devstack", *words], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=1800
    )
    if done.returncode:
        raise RuntimeError(f"{words[0]}: {done.stderr.strip()[-600:]}")
    return done.stdout.strip()


def _manage(stack: embedded.StackEnvironment, *words: str) -> str:
    environ = {**environment.inherited(), **environment.for_python(), **stack, **stack.owner}
    done = subprocess.run(
        [sys.executable, "manage.py", *words], env=environ, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    if done.returncode:
        raise RuntimeError(f"manage.py {words[0]}: {done.stderr.strip()[-600:]}")
    return done.stdout


def _drill(run: Run, folder: Path, count: int) -> None:
    import imageio_ffmpeg

    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    began = time.monotonic()
    with _stack(folder, "first") as stage:
        for number in range(count):
            with_film = ffmpeg if number % FILMS_EVERY == 0 else ""
            stage.found(f"drill{number}", learners=1, lessons=23 if with_film else 2, ffmpeg=with_film)
            if number == count // 2:
                port = {"LMS_PG_PORT": str(stage.services.settings.ports["postgres"])}
                _devstack(folder, "first", "backup", **port)  # in the middle: the rest comes back from the log alone
        run.figure(organizations=count, made_s=round(time.monotonic() - began, 1))
        before = _at_rest(stage)
        _erase(stage, stage.schools["drill1"])  # one without a film: nobody of it is in the crowd
        ledger = Ledger(folder / "ledger.jsonl")
        schools = list(stage.schools.values())
        crowded = [school for school in schools if school.asset]
        crowd = Crowd(
            port=stage.port,
            ledger=ledger,
            learners=[school.learners[0] for school in crowded],
            owner=schools[-1].owner,
            mail_host="drill.example",
            seed=run.seed,
            to_complete={one: lessons for school in crowded for one, lessons in school.untouched().items()},
        )
        with crowd.at_work():
            time.sleep(run.chance.uniform(65, 90))
            destroyed = time.time()
            os.kill(stage.pid("postgres"), signal.SIGKILL)
            os.kill(stage.services.state()["supervisor_pid"], signal.SIGKILL)
        run.figure(acked=sum(entry.acked is not None for entry in ledger.entries))
        schools_by_slug = stage.schools
    shutil.rmtree(folder / "first" / "postgres")
    shutil.rmtree(folder / "first" / "valkey")
    for name in ("second", "past"):
        (folder / name).mkdir(mode=0o755)
        shutil.copytree(folder / "first" / "secrets", folder / name / "secrets")
    (folder / "first" / "s3").rename(folder / "second" / "s3")  # media are in a store of their own

    began = time.monotonic()
    run.figure(restored=_devstack(folder, "second", "restore-cluster").splitlines()[-1])
    run.figure(restore_s=round(time.monotonic() - began, 1))
    with _stack(folder, "second") as stage:
        stage.schools = schools_by_slug
        _signed_in(stage, schools[0])
        status = films.fetch(stage, films.granted(stage, schools[0].slug))
        rto = round(time.monotonic() - began, 1)
        run.figure(rto_s=rto)
        run.require(status == 200, f"a film's file is answered {status} after the restore")
        run.require(rto <= RTO_SECONDS, f"back after {rto} s")
        for school in schools[1:]:
            _signed_in(stage, school)
            if school.asset:
                status = films.fetch(stage, films.granted(stage, school.slug))
                run.require(status == 200, f"the film of {school.slug} is answered {status}")
        _judge_lost(run, stage, ledger, destroyed)
        lines = _manage(stage.services, "erasures")
    # What came back has written on in the same archive: the point is of the timeline before it.
    run.figure(past=_devstack(folder, "past", "restore-cluster", "--point", POINT, "--timeline", "1").splitlines()[-1])
    with _stack(folder, "past", {"postgres", "valkey"}) as stage:
        after = digests.of(stage.services.superuser_url)
        wrong = digests.differ(before, after)
        run.figure(
            tables=len(before), digests_equal=len(before) - len(wrong), rows_compared=sum(n for n, _ in before.values())
        )
        run.require(not wrong, f"{len(wrong)} tables differ: {wrong[:5]}")
        _erased_again(run, stage, schools_by_slug["drill1"], lines, folder)


def _at_rest(stage: Stage) -> digests.Digests:
    """Let nobody write for a moment; note the point in the log and the digests of it."""
    with stage.stopped(*PRODUCT):
        time.sleep(0.5)
        found = digests.of(stage.services.superuser_url)
        stage.ask("SELECT pg_create_restore_point(%s)", POINT)
    return found


def _erase(stage: Stage, school: School) -> None:
    owner = Caller(school.organization.host, stage.port)
    owner.sign_in(school.organization.members["owner"], PASSWORD)  # a fresh proof of who they are
    members = owner.call("GET", "/api/v1/members/")["items"]
    learner = next(one for one in members if one["email"] == school.organization.members["learner0"])
    owner.call("POST", f"/api/v1/members/{learner['id']}/erasure/", {"reason": "They asked for it"})


def _signed_in(stage: Stage, school: School) -> None:
    browser = Caller(school.organization.host, stage.port)
    browser.sign_in(school.organization.members["owner"], PASSWORD)
    if not browser.call("GET", "/api/v1/courses/")["items"]:
        raise RuntimeError(f"{school.slug} has no course after the restore")


def _judge_lost(run: Run, stage: Stage, ledger: Ledger, destroyed: float) -> None:
    """What was acknowledged and is not there: only of the last minute, and nothing before what is lost is lost."""
    schemas = {school.organization.host: school.schema for school in stage.schools.values()}
    acked = sorted((entry for entry in ledger.entries if entry.acked is not None), key=lambda entry: entry.acked or 0)
    there = [_is_there(stage, entry, schemas[entry.facts["host"]]) for entry in acked]
    lost = [entry for entry, kept in zip(acked, there, strict=True) if not kept]
    rpo = destroyed - min((entry.acked or 0 for entry in lost), default=destroyed)
    run.figure(lost_of_the_last_stretch=len(lost), kept=len(acked) - len(lost), rpo_s=round(rpo, 1))
    run.require(acked, "nothing was acknowledged, so nothing was shown")
    run.require(any(there), "nothing that was written after the base backup came back")
    run.require(rpo <= RPO_SECONDS, f"work of {rpo:.0f} s is lost")
    first = next((at for at, kept in enumerate(there) if not kept), len(there))
    # Two clients' acknowledgements may cross by the time an answer takes.
    late = [acked[at] for at, kept in enumerate(there) if kept and at > first + 20]
    run.require(not late, f"{len(late)} later writes are there although earlier ones are lost")


def _is_there(stage: Stage, entry: Entry, schema: str) -> bool:
    if entry.kind == "beacon":
        rows = stage.ask(
            "SELECT seqs::text FROM progress_playsession WHERE id = %s", entry.facts["session"], schema=schema
        )
        return any(low <= entry.facts["seq"] < high for (text,) in rows for low, high in load(text))
    statement, values = {
        "course": ("SELECT 1 FROM courses_course WHERE title = %s", [entry.key]),
        "invitation": ("SELECT 1 FROM accounts_invitation WHERE email = %s", [entry.key]),
        "completion": (
            "SELECT 1 FROM progress_itemfact WHERE enrollment_id::text || ':' || item_id::text = %s",
            [entry.key],
        ),
    }[entry.kind]
    return bool(stage.ask(statement, *values, schema=schema))


def _erased_again(run: Run, stage: Stage, school: School, lines: str, folder: Path) -> None:
    """In the past the member is still there; the ledger of the newest state erases them again."""
    email = school.organization.members["learner0"]
    here: Any = ("SELECT count(*) FROM accounts_member WHERE email = %s", email)
    ((back,),) = stage.ask(*here, schema=school.schema)
    file = folder / "erasures.jsonl"
    file.write_text(lines)
    said = _manage(stage.services, "erasures", "--again", str(file))
    ((left,),) = stage.ask(*here, schema=school.schema)
    run.figure(erased_again=said.strip())
    run.require(back == 1, "the member who was erased later is not there in the past, so nothing was shown")
    run.require(left == 0, "the member who was erased is back")
