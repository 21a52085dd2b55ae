"""Parts that hang, networks that are slow or cut, stores that refuse: what is asked for must not wait for ever."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from pathlib import Path

import psycopg2
import redis

from tests.faults.campaign import films
from tests.faults.campaign.crowd import Client, percentile
from tests.faults.campaign.ledger import Ledger
from tests.faults.campaign.model import RECOVERY_SECONDS, Run, scenario
from tests.journeys import organizations

STALL_SECONDS = 10.0
RESTART_SECONDS = 90.0
LONGEST_ANSWER_SECONDS = 12.0
"""No request may take longer than this while something hangs: a statement's 5 s, a second try, a connection's 2 s."""


@scenario(
    "postgres-stalled", "F1 F17", part="PostgreSQL", fault="SIGSTOP of all its processes for 10 s",
    promise="no acknowledged write lost, none twice; served again within 15 s of its going on",
)  # fmt: skip
def postgres_stalled(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        with run.stage.stopped("postgres"):
            time.sleep(STALL_SECONDS)
        run.recovered(crowd, time.monotonic())
        run.noticed(crowd, began - 1)


def sign_in(run: Run) -> int:
    """Try a wrong password; return the status, which has to come in time."""
    client = Client("visitor", run.stage.schools["reef"].learners[0], run.stage.port, Ledger(Path(os.devnull)))
    body = {"email": "nobody@reef.example", "password": "wrong-password-9"}
    status, _ = client.call("sign-in", "POST", "/_allauth/browser/v1/auth/login", body)
    answer = client.answers[-1]
    took = round(answer.ended - answer.began, 1)
    run.figure(sign_in_status=status, sign_in_s=took)
    run.require(took <= LONGEST_ANSWER_SECONDS, f"signing in was answered {status} after {took} s: {answer.words}")
    return status


@scenario(
    "redis-stalled", "F3", part="Redis", fault="SIGSTOP for 30 s: it takes connections and never answers",
    promise="learning goes on without a refusal and less than 1 s slower; signing in by password as well",
)  # fmt: skip
def redis_stalled(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        with run.stage.stopped("valkey"):
            time.sleep(3)
            run.require(sign_in(run) == 400, "a wrong password was not called one without Redis")
            organizations.caller(run.stage.whole, run.stage.schools["reef"].organization, "learner0")
            time.sleep(max(0.0, began + 30 - time.monotonic()))
            run.learning_goes_on(crowd, began, time.monotonic() - 1)
        run.recovered(crowd, time.monotonic())


@scenario(
    "redis-flushed", "F3", part="Redis", fault="FLUSHALL, five times",
    promise="learning goes on without a refusal; every mail goes out although its queue is gone",
)  # fmt: skip
def redis_flushed(run: Run) -> None:
    with run.crowd() as crowd, redis.Redis.from_url(run.stage.services["LMS_REDIS_URL"]) as link:
        began = time.monotonic()
        for _ in range(5):
            link.flushall()
            run.moment()
        run.learning_goes_on(crowd, began, time.monotonic())
        run.invited(crowd, began)
        run.recovered(crowd, time.monotonic())


def _line(run: Run, name: str, mode: str, argument: str = "", *, seconds: float = 8.0) -> None:
    """The network to one server misbehaves for a while. Where that is the one for mail, somebody is invited."""
    with run.crowd() as crowd:
        began = time.monotonic()
        run.stage.proxy.set(name, mode, argument)
        try:
            time.sleep(seconds)
            run.learning_goes_on(crowd, began, time.monotonic() - 1)
            if name == "smtp":
                run.nobody_waits(crowd)
                run.invited(crowd, began)
        finally:
            run.stage.proxy.set(name, "pass")
        run.recovered(crowd, time.monotonic())
        longest = max(answer.ended - answer.began for answer in crowd.answers(since=began))
        run.figure(longest_answer_s=round(longest, 1))
        run.require(longest <= LONGEST_ANSWER_SECONDS, f"a request took {longest:.1f} s")


@scenario(
    "s3-stalled", "F9", part="Object store", fault="answers nothing for 10 s",
    promise="lessons are read and watching is kept",
)  # fmt: skip
def s3_stalled(run: Run) -> None:
    _line(run, "s3", "mute", seconds=STALL_SECONDS)


@scenario(
    "mail-stalled", "F20", part="Mail", fault="takes connections and says nothing for 15 s",
    promise="nobody waits for it; every mail arrives afterwards, as one mail",
)  # fmt: skip
def mail_stalled(run: Run) -> None:
    _line(run, "smtp", "mute", seconds=15.0)


@scenario(
    "mail-refuses", "F20", part="Mail", fault="refuses every conversation with 421 for 8 s",
    promise="nobody waits for it; every mail arrives afterwards, as one mail",
)  # fmt: skip
def mail_refuses(run: Run) -> None:
    _line(run, "smtp", "says", r"421 4.3.2 come back later\r\n")


@scenario(
    "postgres-late", "F17", part="PostgreSQL", fault="each packet 50 ms late both ways, for 10 s",
    promise="slow and not refused; nothing piles up afterwards",
)  # fmt: skip
def postgres_late(run: Run) -> None:
    with run.crowd(pause=0.6) as crowd:
        began = time.monotonic()
        run.stage.proxy.set("postgres", "late", "0.05")
        time.sleep(10)
        run.stage.proxy.set("postgres", "pass")
        healed = time.monotonic()
        during = crowd.answers(since=began, until=healed)
        refused = sum(not answer.good for answer in during)
        run.figure(p95_during_ms=percentile(during, 0.95), refused=refused)
        run.require(not refused, f"{refused} requests were refused")
        before = run.figures["p95_before_ms"]
        run.require((percentile(during, 0.5) or 0) > 100, f"nobody was slower than {before} ms: nothing was late")
        run.recovered(crowd, healed)


@scenario(
    "postgres-reset", "F17", part="PostgreSQL", fault="every connection reset, five times",
    promise="no acknowledged write lost, none twice; served again within 15 s",
)  # fmt: skip
def postgres_reset(run: Run) -> None:
    with run.crowd() as crowd:
        for _ in range(5):
            run.hit(run.stage.proxy.set("postgres", "once"), "no connection to PostgreSQL was open")
            run.recovered(crowd, time.monotonic())
            run.moment()


@scenario(
    "redis-late", "F17", part="Redis", fault="each packet 200 ms late both ways, for 8 s",
    promise="learning goes on without a refusal",
)  # fmt: skip
def redis_late(run: Run) -> None:
    _line(run, "redis", "late", "0.2")


@scenario(
    "web-stalled", "F2 F17", part="Web", fault="SIGSTOP of the group that serves, for 10 s",
    promise="no acknowledged write lost, none twice; served again within 15 s of its going on",
)  # fmt: skip
def web_stalled(run: Run) -> None:
    with run.crowd() as crowd:
        group = run.stage.serving("reef")
        began = time.monotonic()
        with run.stage.stopped(group):
            time.sleep(STALL_SECONDS)
        run.recovered(crowd, time.monotonic())
        run.noticed(crowd, began)


@scenario(
    "worker-stalled", "F4 F17", part="Workers", fault="SIGSTOP of the worker for 10 s",
    promise="learning goes on; every mail goes out, as one mail",
)  # fmt: skip
def worker_stalled(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        with run.stage.stopped("worker"):
            time.sleep(STALL_SECONDS)
            run.learning_goes_on(crowd, began, time.monotonic() - 1)
            run.invited(crowd, began)
        run.recovered(crowd, time.monotonic())


@scenario(
    "edge-stalled", "F9 F17", part="Edge", fault="SIGSTOP of the verifier for 8 s",
    promise="lessons are read and watching is kept; film files are served again within 15 s",
)  # fmt: skip
def edge_stalled(run: Run) -> None:
    files = films.granted(run.stage)
    with run.crowd() as crowd:
        began = time.monotonic()
        with run.stage.stopped("edge"):
            run.require(films.fetch(run.stage, files) != 200, "a film's file was served without the verifier")
            time.sleep(max(0.0, began + 8 - time.monotonic()))
            run.learning_goes_on(crowd, began, time.monotonic() - 1)
        healed = time.monotonic()
        films.served_again(run, files, healed)
        run.recovered(crowd, healed)


@scenario(
    "slow-organization", "F15", part="PostgreSQL", fault="a lock in one organization for 12 s, and its people come",
    promise="learners of another organization wait at most 1.5 times as long (or 100 ms longer), and none is refused",
)  # fmt: skip
def slow_organization(run: Run) -> None:
    dune = run.stage.schools["dune"]
    noise = [
        Client("noise", person, run.stage.port, Ledger(run.stage.folder / "noise.jsonl")) for person in dune.learners
    ]
    with run.crowd() as crowd, contextlib.closing(run.stage.connect()) as link, link.cursor() as cursor:
        link.autocommit = False
        cursor.execute(f'LOCK TABLE "{dune.schema}".enrollments_enrollment IN ACCESS EXCLUSIVE MODE')
        began = time.monotonic()
        people = _hammering(noise, seconds=12.0)
        run.learning_goes_on(crowd, began + 1, time.monotonic())
        link.rollback()
        before, during = run.figures["p95_before_ms"], run.figures["p95_during_ms"]
        run.figure(p95_ratio=round(during / before, 2), others_refused=people)
        run.require(during <= max(1.5 * before, before + 100), f"p95 rose from {before} to {during} ms")
        run.recovered(crowd, time.monotonic())


def _hammering(clients: list[Client], *, seconds: float, each: int = 6) -> int:
    """Requests of people whose organization is slow, several at a time; return how many were not served."""
    import threading

    deadline = time.monotonic() + seconds

    def work(client: Client) -> None:
        person = client.person
        while time.monotonic() < deadline:
            client.call("outline", "GET", f"/api/v1/enrollments/{person.enrollment}/outline/")
            time.sleep(0.05)

    copies = [Client(one.name, one.person, one.port, one.ledger) for one in clients for _ in range(each)]
    threads = [threading.Thread(target=work, args=(copy,)) for copy in copies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 20)
    return sum(not answer.good for copy in copies for answer in copy.answers)


@scenario(
    "connections-exhausted", "F18", part="PostgreSQL", fault="a stranger takes all its connections, ours are cut",
    promise="refused with 503 within 3 s instead of hanging; served again within 5 s of their being free",
)  # fmt: skip
def connections_exhausted(run: Run) -> None:
    with run.crowd(writers=False, pause=0.3) as crowd:
        taken: list[psycopg2.extensions.connection] = []
        stranger = run.stage.services["LMS_DATABASE_URL"]
        try:
            with contextlib.suppress(psycopg2.OperationalError):
                for _ in range(200):
                    taken.append(psycopg2.connect(stranger, connect_timeout=3, application_name="stranger"))
            for _ in range(4):
                # Whatever of ours has gone is taken by the stranger at once.
                run.stage.ask(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lms-web'"
                )
                with contextlib.suppress(psycopg2.OperationalError):
                    for _ in range(60):
                        taken.append(psycopg2.connect(stranger, connect_timeout=3, application_name="stranger"))
            began = time.monotonic()
            time.sleep(4)
            refused = [answer for answer in crowd.answers(since=began) if not answer.good]
            slowest = max((answer.ended - answer.began for answer in refused), default=0.0)
            run.figure(taken=len(taken), refused=len(refused), slowest_refusal_s=round(slowest, 2))
            run.require(refused, "nobody was refused: the connections were not exhausted")
            run.require(all(answer.status == 503 for answer in refused), "refused with something else than 503")
            run.require(slowest <= 3.0, f"a refusal took {slowest:.1f} s")
        finally:
            for link in taken:
                link.close()
        run.recovered(crowd, time.monotonic(), within=5.0)


@scenario(
    "rolling-restart", "F16", part="Web", fault="SIGTERM of one group after the other, under load",
    promise="no request fails",
)  # fmt: skip
def rolling_restart(run: Run) -> None:
    with run.crowd() as crowd:
        began = time.monotonic()
        for part in run.stage.web_parts():
            before = run.stage.pid(part)
            os.kill(before, signal.SIGTERM)
            # As a deployment does: the next one only when this one serves again and the front door has noticed.
            deadline = time.monotonic() + RESTART_SECONDS
            while (said := run.stage.report(part))["pid"] == before or said["phase"] != "ready":
                if time.monotonic() > deadline:
                    raise RuntimeError(f"{part} does not serve again {RESTART_SECONDS:.0f} s after SIGTERM")
                time.sleep(0.05)
            run.moment(3, 5)
        failed = [answer for answer in crowd.answers(since=began) if not answer.good]
        run.figure(failed_requests=len(failed))
        run.require(
            not failed, f"{len(failed)} requests failed: {[(f.kind, f.status, f.words[:60]) for f in failed[:3]]}"
        )
        run.recovered(crowd, time.monotonic(), within=RECOVERY_SECONDS)


@scenario(
    "network-drawn", "F17", part="Several", fault="ways drawn by the seed cut, late or mute for a moment, 15 times",
    promise="no acknowledged write lost, none twice; served again within 15 s",
)  # fmt: skip
def network_drawn(run: Run) -> None:
    chance: random.Random = run.chance
    with run.crowd() as crowd:
        began = time.monotonic()
        for _ in range(15):
            name = chance.choice(("postgres", "redis", "s3", "smtp"))
            mode, argument = chance.choice((("gone", ""), ("once", ""), ("mute", ""), ("late", "0.1")))
            connections = run.stage.proxy.set(name, mode, argument)
            if name in ("postgres", "redis"):  # the others are talked to when there is something to say
                run.hit(connections, f"no connection to {name} was open")
            run.moment(0.3, 2.0)
            run.stage.proxy.set(name, "pass")
            run.recovered(crowd, time.monotonic())
        run.noticed(crowd, began)
