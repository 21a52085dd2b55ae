"""Token buckets: the same in Redis as in the process, and a dead Redis costs neither a refusal nor a wait."""

from __future__ import annotations

import threading
import time
from uuid import uuid4

import pytest
import redis

from core.rates import Charge, Limiter, LocalBuckets, Rate, Verdict
from tests.support import plugin

NOWHERE = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def a_patient_client(monkeypatch: pytest.MonkeyPatch) -> None:
    """A Redis that is there is not away because this machine is busy for a tenth of a second."""
    monkeypatch.setattr("core.rates.ANSWER_SECONDS", 10.0)


@pytest.fixture(params=["redis", "process"])
def limiter(request: pytest.FixtureRequest) -> Limiter:
    return Limiter(plugin.stack["LMS_REDIS_URL"] if request.param == "redis" else NOWHERE)


def _charge(quota: int, window: int, name: str = "person", key: str = "") -> Charge:
    return Charge(name, key or f"g:rate:{uuid4()}", Rate(quota, window))


def _left(verdict: Verdict) -> list[int]:
    return [level.remaining for level in verdict.levels]


def test_the_whole_quota_at_once_and_then_no_more(limiter: Limiter) -> None:
    charge = _charge(3, 3600)

    assert [_left(limiter.take([charge])) for _ in range(3)] == [[2], [1], [0]]
    refused = limiter.take([charge])

    assert refused.refused_by == charge
    assert refused.levels[0].remaining == 0
    assert 1190 <= refused.wait_seconds <= 1200  # a third of the window gives one of three back
    assert 3590 <= refused.levels[0].reset_seconds <= 3600


def test_what_was_used_comes_back_evenly(limiter: Limiter) -> None:
    charge = _charge(20, 1)
    while limiter.take([charge]).refused_by is None:
        pass
    refused_at = time.monotonic()

    while limiter.take([charge]).refused_by:
        assert time.monotonic() - refused_at < 30
    assert limiter.take([_charge(20, 1)]).refused_by is None


def test_a_refusal_charges_nobody(limiter: Limiter) -> None:
    shared, greedy = _charge(10, 3600, "organization"), _charge(1, 3600)
    assert limiter.take([shared, greedy]).refused_by is None

    for _ in range(5):
        assert limiter.take([shared, greedy]).refused_by == greedy

    assert _left(limiter.take([shared])) == [8]


def test_buckets_do_not_share(limiter: Limiter) -> None:
    one, other = _charge(1, 3600), _charge(1, 3600)
    assert limiter.take([one]).refused_by is None
    assert limiter.take([one]).refused_by == one
    assert limiter.take([other]).refused_by is None


def test_of_many_at_once_no_more_than_the_quota_pass(limiter: Limiter) -> None:
    charge, passed = _charge(10, 3600), []

    def ask() -> None:
        for _ in range(10):
            passed.append(limiter.take([charge]).refused_by is None)

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(True) == 10


def test_buckets_in_redis_are_shared_by_processes_and_end_by_themselves() -> None:
    url, charge = plugin.stack["LMS_REDIS_URL"], _charge(2, 60)
    assert Limiter(url).take([charge]).refused_by is None
    assert Limiter(url).take([charge]).refused_by is None
    assert Limiter(url).take([charge]).refused_by == charge
    assert 0 < redis.Redis.from_url(url).pttl(charge.key) <= 60_001


def test_a_process_keeps_only_so_many_buckets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.rates.MAX_LOCAL_BUCKETS", 2)
    buckets, first = LocalBuckets(), _charge(1, 3600)
    assert buckets.take([first])[0] == 0
    assert buckets.take([first])[0] == 1
    for _ in range(2):
        buckets.take([_charge(1, 3600)])
    assert buckets.take([first])[0] == 0  # the floods' oldest is forgotten: it fails open


@pytest.mark.parametrize(("text", "rate"), [("600/60", Rate(600, 60)), ("1/1", Rate(1, 1)), ("off", None)])
def test_rates_are_written_as_how_many_in_how_many_seconds(text: str, rate: Rate | None) -> None:
    assert Rate.parse(text) == rate


@pytest.mark.parametrize("text", ["", "60", "0/60", "5/0", "-1/60", "a/b", "5/60/2", "٣/60"])
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"600/60|write off"):
        Rate.parse(text)
