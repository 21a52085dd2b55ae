"""Parts that die: kill -9 of each, under load, at moments that the seed decides."""

from __future__ import annotations

import os
import signal
import time

import httpx

from devstack import process
from devstack.demo.browser import Refused
from tests.faults.campaign import films, judge
from tests.faults.campaign.crowd import Crowd
from tests.faults.campaign.model import RECOVERY_SECONDS, SETTLE_SECONDS, Run, scenario
from tests.faults.campaign.stalls import sign_in

POSTGRES_KILLS = 20
RE_RUN_SECONDS = 90.0


@scenario(
    "postgres-killed", "F1", part="PostgreSQL", fault=f"kill -9 of the server, {POSTGRES_KILLS} times",
    promise="no acknowledged write is lost, none happens twice; served again within 15 s each time",
)  # fmt: skip
def postgres_killed(run: Run, kills: int = POSTGRES_KILLS) -> None:
    with run.crowd() as crowd:
        for _ in range(kills):
            healed = run.stage.kill("postgres")
            run.recovered(crowd, healed)
            run.noticed(crowd, healed - 1)
            run.moment(2.5, 5.0)
        run.stage.proxy.set("postgres", "gone")
        run.require(sign_in(run) == 503, "signing in without PostgreSQL was not answered 503")
        run.stage.proxy.set("postgres", "pass")
        run.recovered(crowd, time.monotonic())
    run.figure(kills=kills)


@scenario(
    "postgres-killed-once", "F1", part="PostgreSQL", fault="kill -9 of the server", small=True,
    promise="no acknowledged write is lost, none happens twice; served again within 15 s",
)  # fmt: skip
def postgres_killed_once(run: Run) -> None:
    postgres_killed(run, kills=1)


@scenario(
    "web-worker-killed", "F2", part="Web", fault="kill -9 of gunicorn's processes in the middle of requests, 6 times",
    promise="no half write, no acknowledged write lost; served again within 15 s",
)  # fmt: skip
def web_worker_killed(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        for _ in range(6):
            part = run.stage.serving("reef")
            children = process.children_of(run.stage.pid(part))
            run.hit(len(children), f"{part} had no processes")
            for child in children:
                os.kill(child, signal.SIGKILL)
            run.recovered(crowd, time.monotonic())
            run.moment()
        run.noticed(crowd, began)


@scenario(
    "web-killed", "F2", part="Web", fault="kill -9 of a whole group, then of all groups at once",
    promise="no acknowledged write lost; with one group dead the other serves, with all served again within 15 s",
)  # fmt: skip
def web_killed(run: Run) -> None:
    with run.crowd() as crowd:
        for parts in ([run.stage.serving("reef")], run.stage.web_parts()):
            before = run.stage.pid(parts[0])
            for part in parts:
                killed = run.stage.kill(part)
            if len(parts) == 1:
                _others_serve(run, crowd, parts[0], before, killed)
            run.recovered(crowd, killed)
            run.stage.settled()
        run.noticed(crowd, killed - 1)


def _others_serve(run: Run, crowd: Crowd, part: str, before: int, killed: float) -> None:
    """Require that somebody was served, by another group, before this one (process ``before``) ran again."""
    while (said := run.stage.report(part))["phase"] == "ready" and said["pid"] == before:  # until its death is known
        if time.monotonic() > killed + RECOVERY_SECONDS:
            raise RuntimeError(f"nobody has found out that {part} is dead")
        time.sleep(0.02)
    known = time.monotonic()
    run.stage.pid(part)
    served = [one for one in crowd.answers(since=known, until=time.monotonic()) if one.good]
    run.figure(served_by_others=len(served), without_it_s=round(time.monotonic() - killed, 1))
    run.require(served, "nobody was served while one group was dead")


@scenario(
    "worker-killed", "F4", part="Workers", fault="kill -9 of Celery's children, then of the whole worker",
    promise="every invitation's mail goes out, as one mail; what was in hand is taken up within 90 s",
)  # fmt: skip
def worker_killed(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        for _ in range(4):
            children = process.children_of(run.stage.pid("worker"))
            run.hit(len(children), "the worker had no processes")
            os.kill(run.chance.choice(children), signal.SIGKILL)
            run.moment()
        healed = run.stage.kill("worker")
        time.sleep(3)
        run.learning_goes_on(crowd, healed, healed + 3)
        run.invited(crowd, began)
        run.recovered(crowd, healed)
        time.sleep(2)
    _work_goes_on(run)


@scenario(
    "dispatcher-killed", "F4", part="Dispatcher", fault="kill -9, three times",
    promise="every mail goes out, as one mail; learning goes on",
)  # fmt: skip
def dispatcher_killed(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        for _ in range(3):
            run.stage.kill("dispatcher")
            run.moment(1, 3)
        run.learning_goes_on(crowd, began, time.monotonic())
        run.invited(crowd, began)
        run.recovered(crowd, time.monotonic())
    _work_goes_on(run)


def _work_goes_on(run: Run) -> None:
    longest = run.figures.get("mail_longest_s")
    run.require(longest is not None, "no mail was looked for, so none was shown")
    run.require(longest is None or longest <= RE_RUN_SECONDS, f"the last mail came after {longest} s")


@scenario(
    "redis-killed", "F3", part="Redis", fault="kill -9 and away for 8 s", small=True,
    promise="learning and writing go on, less than 1 s slower; inviting is 503; what waited goes out afterwards",
)  # fmt: skip
def redis_killed(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        run.invited(crowd, began - SETTLE_SECONDS, began)  # what may wait: from here on inviting is refused
        run.stage.proxy.set("redis", "gone")
        run.stage.kill("valkey")
        time.sleep(8)
        run.learning_goes_on(crowd, began, time.monotonic() - 1)
        invited, written = (run.among(crowd, kind, began + 1, began + 7) for kind in ("invitation", "course"))
        run.require(invited == {503}, f"inviting without Redis was answered {sorted(invited)}: 503 is promised")
        run.require(written <= {200, 201}, f"writing courses without Redis was answered {sorted(written)}")
        run.stage.pid("valkey")
        run.stage.proxy.set("redis", "pass")
        run.recovered(crowd, time.monotonic())
        time.sleep(2)


@scenario(
    "s3-killed", "F9", part="Object store", fault="kill -9 and away for 8 s",
    promise="lessons are read and watching is kept; served again within 15 s",
)  # fmt: skip
def s3_killed(run: Run) -> None:
    _away(run, "s3", "s3")


@scenario(
    "mail-killed", "F20", part="Mail", fault="kill -9 and away for 8 s",
    promise="nobody who invites or learns waits; every mail arrives afterwards, as one mail",
)  # fmt: skip
def mail_killed(run: Run) -> None:
    _away(run, "mailbox", "smtp", everybody=True)


def _away(run: Run, part: str, line: str, *, everybody: bool = False) -> None:
    files = films.granted(run.stage)
    with run.crowd() as crowd:
        began = time.monotonic()
        run.stage.proxy.set(line, "gone")
        run.stage.kill(part)
        time.sleep(8)
        run.learning_goes_on(crowd, began, time.monotonic() - 1)
        if everybody:
            failed = [answer for answer in crowd.answers(since=began) if not answer.good]
            run.require(not failed, f"{len(failed)} requests failed without mail")
            run.nobody_waits(crowd)
            run.invited(crowd, began)
        if part == "s3":
            asked, status = time.monotonic(), films.fetch(run.stage, files)
            run.figure(film_while_away=status)
            # 200 where the way to it remembers the file; else a refusal that does not take for ever.
            run.require(status in (200, 502, 503, 504), f"a film's file was answered {status} without the store")
            run.require(time.monotonic() - asked < 3, "a film's file was neither given nor refused within 3 s")
        run.stage.pid(part)
        run.stage.proxy.set(line, "pass")
        healed = time.monotonic()
        run.recovered(crowd, healed)
        films.served_again(run, files, healed)


@scenario(
    "edge-killed", "F9", part="Edge", fault="kill -9 of the verifier, three times", small=True,
    promise="lessons are read and watching is kept; film files are served again within 15 s",
)  # fmt: skip
def edge_killed(run: Run) -> None:
    files = films.granted(run.stage)
    with run.crowd() as crowd:
        for _ in range(3):
            healed = run.stage.kill("edge")
            refused = films.fetch(run.stage, files)
            run.require(refused != 200, "a film's file was served without the verifier")
            films.served_again(run, files, healed)
            run.recovered(crowd, healed)
            run.moment()


@scenario(
    "front-killed", "F2", part="Front door", fault="kill -9 of Caddy",
    promise="no acknowledged write lost; pages and film files are served again within 15 s",
)  # fmt: skip
def front_killed(run: Run) -> None:
    files = films.granted(run.stage)
    with run.crowd() as crowd:
        healed = run.stage.kill("front")
        films.served_again(run, files, healed)
        run.recovered(crowd, healed)
        run.noticed(crowd, healed - 1)


@scenario(
    "stripe-killed", "F11", part="Stripe", fault="hangs while somebody would buy, then kill -9",
    promise="learning goes on; who would buy is told to come back, and can once it is back",
)  # fmt: skip
def stripe_killed(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        owner = run.stage.schools["reef"].organization.owner
        said = ""
        with run.stage.stopped("stripe"):
            try:
                owner.call("POST", "/api/v1/portal-sessions/", {})
            except (Refused, httpx.HTTPError) as refused:
                said = repr(refused)
            run.figure(buying=said[-80:], buying_s=round(time.monotonic() - began, 1))
            run.require("does not answer right now" in said, f"who would buy was told: {said or 'that it was done'}")
        process.kill_group(run.stage.pid("stripe"))
        run.moment(1, 2)
        run.stage.pid("stripe")
        owner.call("POST", "/api/v1/portal-sessions/", {})
        run.learning_goes_on(crowd, began, time.monotonic())
        run.recovered(crowd, time.monotonic())


@scenario(
    "everything-killed", "F1 F2 F4", part="Several", fault="kill -9 of parts drawn by the seed, 8 times, some at once",
    promise="no acknowledged write lost, none twice, no organization half-made; served again within 15 s",
)  # fmt: skip
def everything_killed(run: Run) -> None:
    parts = ("postgres", "valkey", "s3", "mailbox", "worker", "dispatcher", "edge", "front", *run.stage.web_parts())
    with run.crowd() as crowd:
        for _ in range(8):
            victims = run.chance.sample(parts, run.chance.choice((1, 1, 2)))
            for victim in victims:
                healed = run.stage.kill(victim)
            run.figure(victims=[*run.figures.get("victims", []), "+".join(victims)])
            run.recovered(crowd, healed, within=30.0)
            run.moment(0.2, 1.0)
    judge.organizations(run)
