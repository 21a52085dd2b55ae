"""Limits while Redis is stopped: nobody waits for it, nobody is let through without limit, and it is found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from core.rates import Charge, Limiter, Rate
from devstack import embedded
from tests.support import plugin


def _charge(quota: int, window: int) -> Charge:
    return Charge("person", f"g:rate:{uuid4()}", Rate(quota, window))


@pytest.fixture
def valkey() -> Iterator[embedded.StackEnvironment]:
    with embedded.running({"valkey"}) as stack:
        yield stack


def test_without_redis_it_goes_on_and_finds_back(
    valkey: embedded.StackEnvironment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.rates.ANSWER_SECONDS", 1.0)  # a machine that is busy for a moment is no dead Redis
    limiter, charge = Limiter(valkey["LMS_REDIS_URL"]), _charge(3, 3600)
    assert limiter.take([charge]).refused_by is None
    assert not limiter.is_away
    pid = valkey.state()["parts"]["valkey"]["pid"]
    ask, asked = limiter._script, []

    def asking(**given: Any) -> object:
        asked.append(given)
        return ask(**given)

    monkeypatch.setattr(limiter, "_script", asking)
    os.kill(pid, signal.SIGSTOP)  # the worst way to be away: it accepts and never answers
    try:
        in_process = [limiter.take([charge]).refused_by for _ in range(200)]
        assert limiter.is_away
    finally:
        os.kill(pid, signal.SIGCONT)

    assert in_process == [None] * 3 + [charge] * 197  # limited all the same
    assert len(asked) <= 3  # of two hundred so many waited for an answer that did not come: one, then one a pause

    deadline = time.monotonic() + 60
    while limiter.is_away:
        limiter.take([_charge(3, 3600)])
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # What Redis knew from before: one, and the one that it was asked while it was stopped and charged when it awoke.
    assert limiter.take([charge]).levels[0].remaining == 0


_PUBLISH = """
import time, django
django.setup()
from tenancy.tasks import named
began = time.monotonic()
try:
    named("media.tasks.work").apply_async(expires=60)
except Exception as error:
    print(type(error).__name__, round(time.monotonic() - began, 1))
else:
    print("sent")
"""


@pytest.mark.parametrize("way", ["hangs", "is gone"])
def test_a_request_does_not_wait_for_a_broker_that(way: str, valkey: embedded.StackEnvironment) -> None:
    """What a request asks workers for is in rows: where the broker is away, asking ends at once and in an error."""
    environment = {**os.environ, **plugin.stack, "LMS_REDIS_URL": valkey["LMS_REDIS_URL"], "LMS_PROCESS": "web"}

    def publish() -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", _PUBLISH], env=environment, cwd=plugin.ROOT, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        return done.stdout.split()

    assert publish() == ["sent"]
    if way == "hangs":
        pid = valkey.state()["parts"]["valkey"]["pid"]
        os.kill(pid, signal.SIGSTOP)
        try:
            name, seconds = publish()
        finally:
            os.kill(pid, signal.SIGCONT)
    else:
        environment["LMS_REDIS_URL"] = "redis://127.0.0.1:1/0"
        name, seconds = publish()
    assert name == "OperationalError"
    assert float(seconds) < 20, seconds  # at most two tries of half a second; without an end, it would be for ever
