"""Real traffic through every door, with everything secret of it remembered: no log of any process holds any of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg2

from apps.enrollments.events import EnrollmentCreated
from devstack import ports
from devstack.demo.browser import Refused
from tests.architecture.tree import ROOT
from tests.contracts.s3_server import free_port
from tests.observability.conftest import STORY, Watched, logs, until
from tests.observability.planted import Remembering

SECRETS = Remembering.secrets


def _lines(watched: Watched, *names: str) -> list[dict[str, Any]]:
    found = []
    for name, text in logs(watched.environment).items():
        if name.startswith(names):
            whole = [
                line for line in text.splitlines(keepends=True) if line.endswith("\n")
            ]  # the last is being written
            found += [json.loads(line) for line in whole if line.startswith("{")]
    return found


def _traffic(watched: Watched) -> None:
    """What the seeding did not do: wrong passwords, a reset, playing, a webhook, an effect that fails."""
    learner = watched.learner()
    lesson = f"/api/v1/enrollments/{watched.school['enrollment_id']}/items/{watched.school['lessons']['A film']}/"
    granted = learner.call("POST", f"{lesson}grant/")
    for path in (
        granted["manifest_url"],
        f"{granted['manifest_url']}?Signature=c4nary-signature-in-a-query-0123456789",
    ):
        httpx.get(
            f"http://127.0.0.1:{watched.front}{path}",
            headers={
                "Host": f"{watched.host}:{watched.front}",
                "Cookie": "; ".join(f"{n}={v}" for n, v in learner.cookies.items()),
            },
            timeout=60,
        )
    SECRETS.plant("signature in a query", "c4nary-signature-in-a-query-0123456789")
    stranger = Remembering(watched.host, watched.front)
    stranger.open("/login")
    for path, body in (
        (
            "/_allauth/browser/v1/auth/login",
            {"email": "no.c4nary@people.example", "password": "wrong c4nary passphrase"},
        ),
        ("/_allauth/browser/v1/auth/password/request", {"email": watched.school["accounts"]["learner"]["email"]}),
        ("/api/v1/no/such/c4naryTokenInAPathThatIsLongEnough01/", {"password": "c4nary in a body of nobody"}),
    ):
        with contextlib.suppress(Refused):
            stranger.call("POST", path, body)
    signature = "t=1700000000,v1=c4nary5tripe5ignature0123456789abcdef0123456789abcdef0123456789abcd"
    SECRETS.plant("signature of Stripe", signature.partition("v1=")[2])
    httpx.post(
        f"http://127.0.0.1:{watched.front}/api/v1/webhooks/stripe/",
        headers={"Host": f"{watched.environment.settings.site_host}:{watched.front}", "Stripe-Signature": signature},
        json={"id": "evt_1", "c4nary": "c4nary in a webhook body"},
        timeout=60,
    )
    SECRETS.plant("body of a webhook", "c4nary in a webhook body")
    SECRETS.plant("token of health", "wrong-c4nary-health-token")
    httpx.get(
        f"http://127.0.0.1:{watched.front}/healthz/deep",
        headers={"Host": watched.host, "Authorization": "Bearer wrong-c4nary-health-token"},
        timeout=60,
    )
    _failing_effect(watched)


def _failing_effect(watched: Watched) -> None:
    """A delivery whose payload breaks its subscriber: an exception in the worker, with the value among its locals."""
    SECRETS.plant("value among the locals of an error", "c4nary-local-in-a-worker")
    url = watched.environment.superuser_url.rpartition("/")[0] + "/lms"
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO events_outboxdelivery (id, message_id, subscriber, organization_id, generation, type, payload,"
            " state, attempts, run_at, last_error, origin)"
            " SELECT gen_random_uuid(), gen_random_uuid(), %s, id, generation, %s, %s, 'pending', 0, now(), '', %s"
            " FROM tenants_organization WHERE name = %s",
            [
                "progress.open_enrollment",
                EnrollmentCreated.type,
                json.dumps(dict.fromkeys(("enrollment", "member", "course", "version"), "c4nary-local-in-a-worker")),
                json.dumps({"request_id": str(_ASKED)}),
                STORY.name,
            ],
        )
        assert cursor.rowcount == 1
    # What PostgreSQL itself says of a row that it refuses.
    with contextlib.suppress(psycopg2.Error), psycopg2.connect(url) as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO tenants_organization (id, name) VALUES (gen_random_uuid(), 'c4nary refused row')")
    SECRETS.plant("row that PostgreSQL refused", "c4nary refused row")


_ASKED = uuid4()


def test_no_log_holds_a_secret(watched: Watched) -> None:
    _traffic(watched)
    until(
        lambda: any(line.get("event") == "outbox.delivery_failed" for line in _lines(watched, "worker")),
        "the effect to fail",
    )
    time.sleep(1.0)
    found = {
        name: sorted(f"{kind}: {secret}" for secret, kind in hits.items())
        for name, text in logs(watched.environment).items()
        if (hits := SECRETS.found_in(text))
    }
    assert found == {}
    assert len(SECRETS) > 50
    kinds = set(SECRETS.values())
    for kind in ("cookie __Host-session", "cookie CloudFront-Signature", "sent password", "sent code",
                 "token in a path", "csrf token", "received X-Amz-Signature"):  # fmt: skip
        assert kind in kinds


def test_the_failure_is_found_by_the_request_that_asked_for_it(watched: Watched) -> None:
    failed = [line for line in _lines(watched, "worker") if line.get("event") == "outbox.delivery_failed"]
    failed = [line for line in failed if line.get("request_id") == str(_ASKED)]
    assert failed
    assert "ValueError" in failed[0]["exception"] or "Error" in failed[0]["exception"]


def test_one_number_finds_a_request_at_the_front_door_in_the_web_and_in_the_worker(watched: Watched) -> None:
    web = {line["request_id"]: line for line in _lines(watched, "web-") if line["event"] == "http.request"}
    published = [line for line in web.values() if line["route"] == "/api/v1/courses/<uuid:course_id>/publication/"]
    assert published
    number = published[0]["request_id"]
    front = [line for line in _lines(watched, "front-access") if line["request_id"] == number]
    assert [(line["status"], line["request"]["method"], line["request"]["uri"]) for line in front] == [
        (published[0]["status"], "POST", "/api/v1/courses/")
    ]
    delivered = [line for line in _lines(watched, "worker") if line.get("request_id") == number]
    assert all(line["organization"] == published[0]["organization"] for line in delivered)
    done = next(line for line in delivered if line["event"] == "outbox.delivered")
    for line in (published[0], done):
        assert line["release"] == "of-this-test"
        assert {"dur_ms"} <= set(line)
    # A client's own number is not taken.
    given = str(uuid4())
    headers = {"Host": watched.host, "X-Request-Id": given}
    answer = httpx.get(f"http://127.0.0.1:{watched.front}/login", headers=headers, timeout=60)
    assert answer.headers["X-Request-ID"] != given


def test_the_search_finds_a_secret_where_the_wall_is_down(watched: Watched, tmp_path: Path) -> None:
    """The same sign-in at a web server that logs bodies without the wall: were it so, the test above would fail."""
    port, log = free_port(), tmp_path / "talkative.log"
    env = watched.canary(LMS_METRICS_PORT="0", LMS_PROCESS="web", LMS_CANARY_VIA=f"127.0.0.1:{port}")
    with log.open("wb") as output:
        talkative = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "tests.support.talkative:application", f"--bind=127.0.0.1:{port}"],
            cwd=ROOT, env=env, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            until(lambda: ports.answers_http(port, "/livez", watched.host, timeout=5), "the talkative server")
            subprocess.run(
                [sys.executable, "manage.py", "synthetic_journey"], cwd=ROOT, env=env, timeout=300, capture_output=True
            )
        finally:
            talkative.terminate()
            talkative.wait(60)
    kinds = set(SECRETS.found_in(log.read_text(errors="replace")).values())
    assert {"password", "mail address"} & kinds or {"sent password", "sent email"} & kinds
