"""The catalogue's cache: a change reaches it, a race does not outlive it, a flood does not empty it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.conf import settings

from tenancy import TenantRecord, catalog
from tenancy.catalog import HostEntry


class Source:
    """What the database would say, and how often it was asked."""

    def __init__(self) -> None:
        self.hosts: dict[str, HostEntry] = {}
        self.asked: list[str] = []
        self.while_reading: Any = None

    def __call__(self, host: str) -> HostEntry | None:
        self.asked.append(host)
        found = self.hosts.get(host)
        if self.while_reading:
            self.while_reading()
        return found


def _until_emptied(act: Callable[[], object]) -> None:
    """Do what makes the listener empty the cache, and wait until it did: later it would empty it under a test."""
    before, deadline = catalog._cache._cleared, time.monotonic() + 60
    act()
    while catalog._cache._cleared == before:
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _announce() -> None:
    redis.Redis.from_url(settings.REDIS_URL).publish(catalog.CHANNEL, "nothing in particular")


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> Iterator[Source]:
    found = Source()
    monkeypatch.setattr(settings.TENANT_HOST_LOADER, found)
    # Where it is there already it hears what is announced; where it is not, its subscription empties the cache once.
    _until_emptied(_announce if catalog._listener._pid == os.getpid() else catalog._listener.ensure)
    catalog.forget_all()
    yield found
    catalog.forget_all()


@pytest.fixture
def entry(world: Any) -> HostEntry:
    record: TenantRecord = world.organizations["acme"]
    return HostEntry(record)


def test_a_host_is_read_once(source: Source, entry: HostEntry) -> None:
    source.hosts["a.example"] = entry
    assert catalog.resolve("a.example") is entry
    assert catalog.resolve("a.example") is entry
    assert catalog.resolve("b.example") is None
    assert catalog.resolve("b.example") is None
    assert source.asked == ["a.example", "b.example"]


def test_a_new_host_is_found_as_soon_as_another_process_announces_it(source: Source, entry: HostEntry) -> None:
    assert catalog.resolve("new.example") is None
    source.hosts["new.example"] = entry
    redis.Redis.from_url(settings.REDIS_URL).publish(catalog.CHANNEL, str(entry.tenant.id))
    deadline = time.monotonic() + 60
    while catalog.resolve("new.example") is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert time.monotonic() < deadline
    assert len(source.asked) <= 3


def test_what_was_read_before_a_change_is_not_kept_after_it(source: Source, entry: HostEntry) -> None:
    def change() -> None:
        source.hosts["new.example"] = entry
        catalog.forget_all()

    source.while_reading = change
    assert catalog.resolve("new.example") is None
    source.while_reading = None
    assert catalog.resolve("new.example") is entry


def test_a_flood_of_invented_hosts_pushes_no_real_one_out(source: Source, entry: HostEntry) -> None:
    source.hosts["a.example"] = entry
    catalog.resolve("a.example")
    for number in range(catalog.MAX_ENTRIES + 10):
        catalog.resolve(f"x{number}.example")
    source.asked.clear()
    assert catalog.resolve("a.example") is entry
    assert source.asked == []


def test_the_listener_comes_back_after_the_connection_is_cut(source: Source, entry: HostEntry) -> None:
    link = redis.Redis.from_url(settings.REDIS_URL)
    _until_emptied(lambda: link.execute_command("CLIENT", "KILL", "TYPE", "pubsub"))
    test_a_new_host_is_found_as_soon_as_another_process_announces_it(source, entry)
