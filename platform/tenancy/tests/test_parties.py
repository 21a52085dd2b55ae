"""Whose a host is: known before anybody came, soon after it changed, and never more than fits."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.db import DatabaseError

from tenancy import catalog, parties
from tenancy.parties import Parties

SECONDS = 20.0


class Source:
    """What the database would say, and whether it answers."""

    def __init__(self) -> None:
        self.hosts: dict[str, UUID] = {}
        self.is_away = False
        self.asked = 0

    def __call__(self, most: int) -> dict[str, UUID]:
        self.asked += 1
        if self.is_away:
            raise DatabaseError
        return dict(list(self.hosts.items())[:most])


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Source:
    found = Source()
    monkeypatch.setattr(settings.TENANT_PARTIES_LOADER, found)
    # Threads of a test end with the process: they must not go on asking a database that is another test's.
    monkeypatch.setattr(parties, "READ_SECONDS", 3600.0)
    monkeypatch.setattr(parties, "AGAIN_SECONDS", 0.02)
    return found


def _soon(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, f"still not so after {SECONDS} s"
        time.sleep(0.02)


def test_everybody_is_known_before_anybody_came(source: Source) -> None:
    acme = source.hosts["a.example"] = uuid4()
    known = Parties()
    known.begin()
    assert (known.of("a.example"), known.of("invented.example")) == (acme, None)


def test_a_change_is_read_soon_and_what_was_met_meanwhile_gives_way(source: Source) -> None:
    source.hosts["a.example"] = first = uuid4()
    known = Parties()
    known.begin()
    then = uuid4()
    known.meet("a.example", then)
    assert known.of("a.example") == then, "it was served for another one since"
    del source.hosts["a.example"]
    source.hosts["b.example"] = first
    known.changed()
    _soon(lambda: known.of("b.example") == first)
    assert known.of("a.example") == then
    source.hosts["a.example"] = first
    known.changed()
    _soon(lambda: known.of("a.example") == first)
    known.meet("c.example", then)
    known.meet("c.example", None)
    assert known.of("c.example") is None


def test_a_list_that_cannot_be_read_stays_as_it_was_and_is_read_when_it_can(source: Source) -> None:
    source.is_away = True
    acme = source.hosts["a.example"] = uuid4()
    known = Parties()
    known.begin()
    assert known.of("a.example") is None
    source.is_away = False
    _soon(lambda: known.of("a.example") == acme)
    source.is_away = True
    asked = source.asked
    known.changed()
    _soon(lambda: source.asked > asked + 1)
    assert known.of("a.example") == acme
    source.hosts["b.example"] = acme
    source.is_away = False
    _soon(lambda: known.of("b.example") == acme)


def test_who_begins_does_not_wait_for_a_database_that_hangs(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()

    def hangs(most: int) -> dict[str, UUID]:
        assert goes_on.wait(SECONDS)
        return source(most)

    monkeypatch.setattr(settings.TENANT_PARTIES_LOADER, hangs)
    monkeypatch.setattr(parties, "PATIENCE_SECONDS", 0.05)
    acme = source.hosts["a.example"] = uuid4()
    known = Parties()
    known.begin()
    assert known.of("a.example") is None
    goes_on.set()
    _soon(lambda: known.of("a.example") == acme)


def test_neither_list_grows_without_an_end(
    source: Source, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parties, "MAX_LISTED", 3)
    monkeypatch.setattr(parties, "MAX_MET", 2)
    source.hosts = {f"{number}.example": uuid4() for number in range(5)}
    known = Parties()
    known.read()
    assert [bool(known.of(host)) for host in source.hosts] == [True, True, True, False, False]
    assert "catalog.too_many_hosts" in caplog.text
    for number in range(9):
        known.meet(f"met-{number}.example", uuid4())
    assert [number for number in range(9) if known.of(f"met-{number}.example")] == [7, 8]
    assert known.of("0.example"), "what was met pushes nobody off the list"


def test_what_another_process_announces_is_read_here(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Parties()
    monkeypatch.setattr(catalog, "parties", known)
    catalog.know_parties()
    acme = source.hosts["new.example"] = uuid4()
    catalog.announce_change(acme)
    _soon(lambda: catalog.party("new.example") == acme)


def test_whom_a_request_was_served_for_is_known(source: Source, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "parties", Parties())
    acme = world.organizations["acme"]
    monkeypatch.setattr(settings.TENANT_HOST_LOADER, lambda host: catalog.HostEntry(acme))

    def was_met() -> bool:  # what was announced while it was looked up is looked up again
        catalog.forget_all()
        catalog.resolve("just-made.example")
        return catalog.party("just-made.example") == acme.id

    _soon(was_met)
    catalog.forget_all()
