"""Sign-up without a broker, a full disk, a wrong clock, and the check of the campaign itself."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from devstack import environment, ports, process
from devstack.demo.browser import Browser as Caller
from devstack.demo.browser import Refused
from tests.faults.campaign import judge
from tests.faults.campaign.crowd import Client
from tests.faults.campaign.ledger import Ledger
from tests.faults.campaign.model import Run, scenario
from tests.faults.campaign.stage import film
from tests.journeys.conftest import PASSWORD

ROOT = Path(__file__).resolve().parents[3]


@scenario(
    "sign-up-without-broker", "F5", part="Redis", fault="away at each step of a sign-up, and the provisioner killed",
    promise="no organization is half-made; whoever was refused gets through once it is back",
)  # fmt: skip
def sign_up_without_broker(run: Run) -> None:
    stage = run.stage
    for number, step in enumerate(("start", "code", "provisioner", "code+provisioner")):
        slug = f"f5-{run.seed % 10_000}-{number}"
        email = f"olga@{slug}.example"
        site = Caller(stage.whole.host(), stage.port)
        form = {"organization_name": slug, "slug": slug, "name": "Olga Owner", "email": email, "password": PASSWORD}
        form["terms_version"] = site.call("GET", "/api/v1/terms/")["version"]
        if step == "start":
            stage.proxy.set("redis", "gone")
            with suppress(Refused, httpx.HTTPError):
                site.call("POST", "/api/v1/sign-ups/", form)
            run.moment()
            stage.proxy.set("redis", "pass")
            time.sleep(2)
        try:
            token = site.call("POST", "/api/v1/sign-ups/", form)["token"]
        except Refused as refused:
            run.require(False, f"after Redis was back: {refused}")
            continue
        path = f"/api/v1/sign-ups/{token}/"
        code = stage.whole.mail_to(email, r"\b(\d{3}) ?(\d{3})\b")
        if "code" in step:
            stage.proxy.set("redis", "gone")
        if "provisioner" in step:
            stage.kill("provisioner")
        began = time.monotonic()
        while time.monotonic() < began + 60:
            try:
                site.call("POST", f"{path}code/", {"code": code})
                break
            except (Refused, httpx.HTTPError) as refused:
                if "code" not in step or time.monotonic() > began + 3:
                    stage.proxy.set("redis", "pass")
                run.figure(last_refusal=str(refused)[-90:])
                if "provisioning" in (state := _state(site, path)) or state == "ready":
                    break  # it was taken, only the answer was lost
                time.sleep(0.5)
        stage.proxy.set("redis", "pass")
        while (state := _state(site, path)) not in ("ready", "failed") and time.monotonic() < began + 90:
            time.sleep(0.2)
        took = round(time.monotonic() - began, 1)
        run.figure(**{f"ready_after_s_{step}": took})
        run.require(state == "ready", f"{step}: {state} after {took} s")
    judge.organizations(run)


def _state(site: Caller, path: str) -> str:
    """Where a sign-up stands; what it is told while something is away."""
    try:
        return str(site.call("GET", path)["state"])
    except (Refused, httpx.HTTPError) as refused:
        return str(refused)


@contextmanager
def _no_room(pids: list[int], size: int) -> Iterator[None]:
    """Files of these processes can't grow beyond ``size`` bytes: writing fails as on a full disk, without root."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids}
    try:
        for pid, (_, hard) in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
        yield
    finally:
        for pid, limits in before.items():
            with suppress(ProcessLookupError):
                resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


@scenario(
    "disk-full", "F8", part="Object store", fault="no file can grow beyond 64 kB, in the store and in the media worker",
    promise="refused and not called saved; nothing half-written stays; the same upload goes on once there is room",
)  # fmt: skip
def disk_full(run: Run) -> None:
    import imageio_ffmpeg

    stage, owner = run.stage, run.stage.schools["reef"].organization.owner
    content = film(imageio_ffmpeg.get_ffmpeg_exe(), stage.folder / "film.mp4").read_bytes()
    upload = stage.begin_upload(owner, content, f"full-{run.seed}")
    store = stage.services.data_dir / "s3"
    before = _temporaries(store)
    refused: list[int] = []
    with _no_room(stage.family("s3"), 64 * 1024):
        for _ in range(3):
            with suppress(httpx.HTTPError):
                refused.append(stage.send_part(owner, upload, content, 1).status_code)
        completion = 0
        try:
            owner.call("POST", f"/api/v1/uploads/{upload['id']}/completion/")
            completion = 200
        except Refused as said:
            run.figure(completion=str(said)[-80:])
    run.figure(part_statuses=refused)
    run.require(refused and all(status >= 400 for status in refused), f"the store called it saved: {refused}")
    run.require(not completion, "the upload was called complete")
    time.sleep(1)
    left = _temporaries(store) - before
    run.figure(left_behind=len(left))
    run.require(not left, f"half-written files stay: {sorted(left)[:3]}")
    workers = stage.family("media")
    with _no_room(workers, 64 * 1024):
        for number in range(1, upload["parts"] + 1):
            status = stage.send_part(owner, upload, content, number).status_code
            run.require(status == 200, f"part {number} after there was room: {status}")
        owner.call("POST", f"/api/v1/uploads/{upload['id']}/completion/")
        time.sleep(8)
        found = owner.call("GET", f"/api/v1/assets/{upload['asset_id']}/")
        stages = {one["name"]: one["state"] for one in found["stages"]}
        run.figure(while_worker_full=found["state"], stages_while_full=stages)
        run.require("done" not in stages.values(), f"converted without room: {stages}")
    if owner.call("GET", f"/api/v1/assets/{upload['asset_id']}/")["state"] == "failed":
        owner.call("POST", f"/api/v1/assets/{upload['asset_id']}/retry/")
    began = time.monotonic()
    stage.playable(owner, str(upload["asset_id"]), seconds=240)
    run.figure(playable_after_s=round(time.monotonic() - began, 1))


def _temporaries(store: Path) -> set[str]:
    """Files of the store that are no objects: being written, or left behind."""
    return {
        str(file.relative_to(store))
        for file in store.rglob("*")
        if file.is_file() and ("tmp" in file.parts or file.suffix in (".new", ".tmp", ".part") or "/.tmp" in str(file))
    }


@scenario(
    "store-errors", "F9", part="Object store", fault="answers every request with 503, then with 403, during an upload",
    promise="not called complete, and 503; lessons are read; the same upload is completed afterwards",
)  # fmt: skip
def store_errors(run: Run) -> None:
    stage, owner = run.stage, run.stage.schools["reef"].organization.owner
    content = os.urandom(200_000)
    with run.crowd() as crowd:
        for status in ("503 Service Unavailable", "403 Forbidden"):
            upload = stage.begin_upload(owner, content, f"errors-{run.seed}-{status[:3]}")
            sent = stage.send_part(owner, upload, content, 1).status_code
            run.require(sent == 200, f"the part was answered {sent} before anything failed")
            # All of it is there: only a store that does not answer keeps it from being complete.
            began = time.monotonic()
            stage.proxy.set("s3", "says", rf"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            said = ""
            try:
                owner.call("POST", f"/api/v1/uploads/{upload['id']}/completion/")
            except Refused as refused:
                said = str(refused)
            run.require(" 503 " in said, f"the completion was answered {said or 'as if it were one'}")
            run.figure(**{f"completion_{status[:3]}": said[-70:]})
            run.moment(1, 2)
            run.learning_goes_on(crowd, began, time.monotonic())
            stage.proxy.set("s3", "pass")
            owner.call("POST", f"/api/v1/uploads/{upload['id']}/completion/")
        run.recovered(crowd, time.monotonic())


_SKEWED = """
import sys, time_machine, datetime
moved = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=float(sys.argv.pop(1)))
time_machine.travel(moved, tick=True).start()
from gunicorn.app.wsgiapp import run
sys.exit(run())
"""


@contextmanager
def _web_with_wrong_clock(run: Run, seconds: float) -> Iterator[int]:
    """A web process of the product whose clock is wrong; its port."""
    stage = run.stage
    port = ports.free_base()
    environ = {**environment.inherited(), **environment.for_python(), **stage.product, "LMS_PROCESS": "web"}
    argv = ["--bind", f"127.0.0.1:{port}", "--threads=4", "--worker-class=config.fair_worker.FairWorker"]
    server = process.spawn(
        [sys.executable, "-c", _SKEWED, str(seconds), "config.wsgi:application", *argv, "--no-control-socket"],
        env=environ,
        log=subprocess.DEVNULL,
        cwd=ROOT,
    )
    try:
        deadline = time.monotonic() + 60
        while not ports.answers_http(port, "/livez", stage.whole.host()):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the web process with the wrong clock does not start")
            time.sleep(0.1)
        yield port
    finally:
        process.kill_group(server.pid)
        server.wait()


@scenario(
    "clock-skew", "F12", part="Web", fault="the clock of one web process is 60 s and 10 min ahead and behind",
    promise="no error, nothing lost, no negative time; a film plays with permission given by a clock a minute off",
)  # fmt: skip
def clock_skew(run: Run) -> None:
    stage, learner = run.stage, run.stage.schools["reef"].learners[1]
    for seconds in (60.0, -60.0, 600.0, -600.0):
        ledger = Ledger(stage.folder / f"skew-{run.seed}.jsonl")
        session = f"{0x0190_0000_0000 + int(seconds) % 100_000:012x}"
        session_id = f"{session[:8]}-{session[8:12]}-7000-8000-{run.seed % 2**48:012x}"
        with _web_with_wrong_clock(run, seconds) as port:
            client = Client("skewed", learner, port, ledger)
            course = f"/api/v1/enrollments/{learner.enrollment}/"
            host = {"Host": f"{learner.host}:{stage.port}", "Origin": f"http://{learner.host}:{stage.port}"}
            for seq in range(1, 6):
                beacon: dict[str, Any] = {
                    "play_session": session_id,
                    "seq": seq,
                    "item": learner.film,
                    "timeline": learner.timeline,
                    "spans": [[seq, seq + 1, 1]],
                    "position": seq + 1,
                    "placement_no": 1,
                }
                status, said = client.call("beacon", "POST", f"{course}play-beacons/", beacon, **host)
                run.require(status == 200, f"{seconds:+.0f} s: a report was answered {status} {said}")
            status, _ = client.call("lesson", "GET", f"{course}items/{learner.film}/", **host)
            run.require(status == 200, f"{seconds:+.0f} s: the lesson was answered {status}")
            status, played = _plays(run, port)
            run.figure(**{f"film_at_{seconds:+.0f}s": played})
            run.require(status == 200, f"{seconds:+.0f} s: the permission was answered {status}")
            run.require(abs(seconds) > 60 or played == 200, f"{seconds:+.0f} s: the film's file was answered {played}")
        ((applied, played_s),) = stage.ask(
            "SELECT seqs::text, seconds_played FROM progress_playsession WHERE id = %s",
            session_id,
            schema=stage.schools["reef"].schema,
        )
        run.require(applied == "{[1,6)}" and played_s == 5, f"{seconds:+.0f} s: kept are {applied}, {played_s} s")
    ((negative,),) = stage.ask(
        "SELECT count(*) FROM progress_playsession WHERE last_at < started_at OR seconds_played < 0",
        schema=stage.schools["reef"].schema,
    )
    run.figure(negative_times=negative)
    run.require(not negative, f"{negative} sessions of negative time")
    # A permission that ended before it began: otherwise the clock was not off at all.
    run.require(run.figures["film_at_-600s"] == 403, "ten minutes behind changed nothing: the clock was right")


def _plays(run: Run, port: int) -> tuple[int, int]:
    """Ask the web process on ``port`` for the permission, and the front door for a file; return both statuses."""
    from tests.faults.campaign import films

    learner = run.stage.schools["reef"].learners[1]
    caller = Caller(learner.host, port)
    caller.cookies, caller._csrf = dict(learner.cookies), learner.token
    caller._netloc = f"{learner.host}:{run.stage.port}"  # as if the front door had passed it on
    caller._origin = f"http://{caller._netloc}"
    try:
        grant = caller.call("POST", f"/api/v1/enrollments/{learner.enrollment}/items/{learner.film}/grant/")
    except Refused as refused:
        run.figure(permission_refused=str(refused)[-160:])
        return 500, 0
    address = next(value for value in films._texts(grant) if "/media/t/" in value)
    files = films.Granted(caller, "/media/" + address.partition("/media/")[2])
    return 200, films.fetch(run.stage, files)


@scenario(
    "self-check-loss", "", part="Nothing", fault="an acknowledged write is removed behind the product's back",
    promise="the campaign calls it broken", small=True, planted="acknowledged writes are lost",
)  # fmt: skip
def self_check_loss(run: Run) -> None:
    with run.crowd() as crowd:
        time.sleep(1)
        key = crowd.ledger.of("course", acked=True)[0].key
        schema = run.stage.schools["reef"].schema
        run.stage.ask("UPDATE courses_course SET title = 'gone' WHERE title = %s", key, schema=schema)


@scenario(
    "self-check-hang", "", part="Nothing", fault="lessons are held, and answered only when the fault has gone",
    promise="the campaign calls it broken", small=True, planted="requests of learners hang",
)  # fmt: skip
def self_check_hang(run: Run) -> None:
    school = run.stage.schools["reef"]
    with run.crowd() as crowd, closing(run.stage.connect()) as link, link.cursor() as cursor:
        link.autocommit = False
        began = time.monotonic()
        time.sleep(1)  # as long as there is an answer to each, and a quick one
        # Shorter than a request waits for a lock: in the end every one of them is answered, and well.
        cursor.execute(f'LOCK TABLE "{school.schema}".enrollments_enrollment IN ACCESS EXCLUSIVE MODE')
        time.sleep(3.5)
        run.learning_goes_on(crowd, began, time.monotonic() - 1)
        link.rollback()
        run.recovered(crowd, time.monotonic())


@scenario(
    "self-check-twice", "", part="Nothing", fault="an effect is doubled behind the product's back",
    promise="the campaign calls it broken", small=True, planted="happened twice",
)  # fmt: skip
def self_check_twice(run: Run) -> None:
    with run.crowd() as crowd:
        time.sleep(1)
        session = crowd.ledger.of("beacon", acked=True)[0].facts["session"]
        run.stage.ask(
            "UPDATE progress_playsession SET seconds_played = seconds_played + 1 WHERE id = %s",
            session,
            schema=run.stage.schools["reef"].schema,
        )
