"""The synthetic journey: green on the running product, red where a learner would be stuck, told on the status page."""

from __future__ import annotations

import json
import os
import signal
from typing import Any

import httpx

from tests.observability.conftest import Watched

_STEPS = ["page", "sign_in", "courses", "lesson", "grant", "manifest", "segment", "progress"]


def _line(watched: Watched, **extra: str) -> tuple[int, dict[str, Any]]:
    done = watched.walk(**extra)
    lines = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    (walked,) = [line for line in lines if line["event"] == "journey.walked"]
    return done.returncode, walked


def _status(watched: Watched) -> str:
    answer = httpx.get(
        f"http://127.0.0.1:{watched.front}/status", headers={"Host": watched.environment.settings.site_host}
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
