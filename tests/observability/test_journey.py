"""The synthetic journey: green on the running product, red where a learner would be stuck, told on the status page."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import psycopg2
import pytest

from config import journey
from tests.observability.conftest import Watched, until

_STEPS = ["page", "sign_in", "courses", "lesson", "grant", "manifest", "segment", "progress"]


def _line(watched: Watched, **extra: str) -> tuple[int, dict[str, Any]]:
    done = watched.walk(**extra)
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    (walked,) = [line for line in lines if line["event"] == "journey.walked"]
    return done.returncode, walked


def _status(watched: Watched) -> str:
    answer = httpx.get(
        f"http://127.0.0.1:{watched.front}/status",
        headers={"Host": watched.environment.settings.site_host},
        timeout=60,
    )
    assert answer.status_code == 200
    return answer.text


def test_a_learner_gets_through(watched: Watched) -> None:
    returned, walked = _line(watched)
    assert (returned, walked["good"], list(walked["steps"])) == (0, True, _STEPS)
    page = _status(watched)
    assert "Everything works" in page
    assert page.count(">Works<") == 5


def test_it_goes_red_where_the_edge_is_down_and_green_again(watched: Watched) -> None:
    edge = watched.environment.state()["parts"]["edge"]
    os.kill(edge["pid"], signal.SIGSTOP)
    try:
        for _ in range(2):
            returned, walked = _line(watched)
            assert (returned, walked["failed_step"], walked["good"]) == (1, "manifest", False)
    finally:
        os.kill(edge["pid"], signal.SIGCONT)
    page = _status(watched)
    assert "Something is down" in page
    assert page.count(">Down<") == 1
    returned, _ = _line(watched)
    assert returned == 0
    assert "Everything works" in _status(watched)


def test_it_goes_red_for_a_wrong_password_and_says_nothing_of_it(watched: Watched) -> None:
    done = watched.walk(LMS_CANARY_PASSWORD="c4nary-that-is-wrong")
    assert done.returncode == 1
    assert "sign_in" in done.stdout
    assert "c4nary-that-is-wrong" not in done.stdout + done.stderr
    assert watched.walk().returncode == 0


def test_what_is_not_set_is_said_by_name(watched: Watched) -> None:
    done = watched.walk(LMS_CANARY_HOST="", LMS_CANARY_EMAIL="")
    assert done.returncode != 0
    assert "LMS_CANARY_HOST, LMS_CANARY_EMAIL" in done.stderr


@contextmanager
def _tables(watched: Watched) -> Iterator[Any]:
    """The canary's own tables."""
    url = watched.environment.superuser_url.rpartition("/")[0] + "/lms"
    with closing(psycopg2.connect(url)) as link, link, link.cursor() as cursor:
        cursor.execute("SELECT schema_name FROM tenants_organization WHERE name = 'Canary School'")
        cursor.execute(f'SET search_path = "{cursor.fetchone()[0]}"')
        yield cursor


def _rows(watched: Watched, table: str) -> int:
    with _tables(watched) as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


def _learner(watched: Watched) -> journey.Learner:
    account = watched.school["accounts"]["learner"]
    return journey.Learner(
        watched.host, account["email"], account["password"], scheme="http",
        port=watched.front, via=f"127.0.0.1:{watched.front}",
    )  # fmt: skip


def _warnings(watched: Watched) -> int:
    """Return how many mails told the learner of a new sign-in."""
    address = watched.school["accounts"]["learner"]["email"]
    host = {"Host": watched.environment.settings.mail_host}
    answer = httpx.get(f"http://127.0.0.1:{watched.front}/api/messages?to={address}", headers=host, timeout=60)
    return sum("new sign-in" in message["subject"] for message in answer.json()["items"])


def test_a_thousand_walks_are_those_of_one_browser_that_signs_out(watched: Watched) -> None:
    with _tables(watched) as cursor:
        cursor.execute("UPDATE accounts_member SET created_at = created_at - interval '2 hours'")
    who, kept = _learner(watched), journey.Kept()
    assert journey.Walk(who, kept).go().is_good
    until(lambda: _warnings(watched) == 1, "the first walk to be told of: nobody has seen that browser")
    sessions, sittings = (_rows(watched, table) for table in ("django_session", "progress_playsession"))
    for _ in range(3):
        assert journey.Walk(who, kept).go().is_good
    assert _rows(watched, "django_session") == sessions
    assert _rows(watched, "progress_playsession") == sittings
    assert journey.Walk(who).go().is_good
    until(lambda: _warnings(watched) == 2, "another browser to be told of, after none of the walks before")


def test_a_report_that_is_acknowledged_and_dropped_is_found(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    who, kept = _learner(watched), journey.Kept()
    assert journey.Walk(who, kept).go().is_good, "from now on there is always something watched"
    ask = journey._Browser.ask

    def dropping(browser: Any, method: str, path: str, *rest: Any, **more: Any) -> Any:
        if "play-beacons" in path:
            return ask(browser, "GET", "/login")
        return ask(browser, method, path, *rest, **more)

    monkeypatch.setattr(journey._Browser, "ask", dropping)
    step = journey.Walk(who, kept).go().steps[-1]
    assert (step.name, step.is_good, step.why) == ("progress", False, "not_kept")
