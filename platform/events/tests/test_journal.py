"""What the dispatcher writes of itself: that it lives, how duties went; and what whoever takes over makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

import tenancy
from core.clock import now
from events import dispatcher, duties, journal, pulse
from events.journal import Journal
from events.models import DutyRun, Heartbeat

HOUR = 3600


@pytest.fixture(autouse=True)
def two_duties(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fails() -> None:
        raise LookupError("the shelf is not there")

    registered = {
        "tests.fails": duties.Duty("tests.fails", HOUR, fails),
        "tests.works": duties.Duty("tests.works", HOUR, lambda: None),
    }
    monkeypatch.setattr(duties, "_duties", registered)
    with tenancy.platform():
        DutyRun.objects.all().delete()
        Heartbeat.objects.all().delete()
        yield


def _line(name: str) -> pulse.DutyLine:
    return next(line for line in pulse.duty_lines() if line.name == name)


def test_what_has_never_run_is_listed_without_times() -> None:
    assert [line.name for line in pulse.duty_lines()] == ["tests.fails", "tests.works"]
    assert _line("tests.works").started_at is None
    assert pulse.dispatcher() == pulse.DispatcherState()


def test_runs_and_the_heartbeat_are_written_in_two_statements_every_few_seconds() -> None:
    found = dispatcher.Dispatcher()
    found.run_due()
    with CaptureQueriesContext(connection) as asked:
        found._journal.write()
        found._journal.write()  # not yet again
    assert len([query for query in asked if query["sql"].startswith("INSERT")]) == 2
    works, fails = _line("tests.works"), _line("tests.fails")
    assert works.started_at
    assert works.next_due_at == works.started_at + timedelta(seconds=HOUR)
    assert (works.is_running, works.lag_seconds, works.failed_at, works.error) == (False, 0, None, "")
    assert works.duration_ms is not None
    assert fails.failed_at
    assert fails.error == "LookupError: the shelf is not there"
    assert pulse.dispatcher().is_alive


def test_a_dispatcher_that_says_nothing_is_taken_for_dead_and_its_duties_are_late() -> None:
    found = dispatcher.Dispatcher()
    found.run_due()
    found._journal.write()
    with time_machine.travel(now() + timedelta(seconds=2 * HOUR), tick=False):
        state = pulse.dispatcher()
        assert not state.is_alive
        assert state.beat_at
        assert HOUR - 5 <= _line("tests.works").lag_seconds <= HOUR + 5


def test_a_duty_at_work_shows_as_running() -> None:
    book = Journal()
    book.begun("tests.works")
    book.write()
    assert _line("tests.works").is_running
    book.ended("tests.works")
    book._written = -journal.BEAT_SECONDS
    book.write()
    assert not _line("tests.works").is_running


def test_a_failure_is_remembered_behind_a_later_success() -> None:
    book = Journal()
    book.begun("tests.works")
    book.ended("tests.works", LookupError("once"))
    book.begun("tests.works")
    book.ended("tests.works")
    book.write()
    line = _line("tests.works")
    assert line.error == "LookupError: once"
    assert line.failed_at


def test_whoever_takes_over_does_not_run_again_what_has_just_run(monkeypatch: pytest.MonkeyPatch) -> None:
    DutyRun.objects.create(name="tests.works", started_at=now() - timedelta(minutes=5))
    DutyRun.objects.create(name="tests.fails", started_at=now() - timedelta(hours=5))
    monkeypatch.setattr(dispatcher.Dispatcher, "_is_leader", staticmethod(lambda: True))
    found = dispatcher.Dispatcher()
    found._lead()
    found.run_due()
    found._journal._written = -journal.BEAT_SECONDS
    found._journal.write()
    ages = {line.name: now() - line.started_at for line in pulse.duty_lines() if line.started_at}
    assert ages["tests.works"] > timedelta(minutes=4)
    assert ages["tests.fails"] < timedelta(minutes=1)
