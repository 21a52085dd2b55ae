"""The tenant catalogue: host to record, cached in the process, forgotten when Redis says so or after 30 seconds."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import redis
from django.conf import settings
from django.utils.module_loading import import_string

from tenancy.parties import parties
from tenancy.record import TenantRecord

_log = logging.getLogger(__name__)

TTL_SECONDS = 30.0  # what a lost invalidation costs at most
NEGATIVE_TTL_SECONDS = 5.0
MAX_ENTRIES = 4096
MAX_UNKNOWN = 1024
PING_SECONDS = 10.0  # how soon a listener notices that its connection is gone
CHANNEL = "tenancy:changed"


@dataclass(frozen=True, slots=True)
class HostEntry:
    """What a host leads to: an organization, and the host to go to instead.

    ``redirect_to`` stands where the host was given up: nothing is served there. ``pages_to`` where it is in use beside
    the primary host: pages belong to that one, everything else is served. ``cell_address`` is where the cell that has
    the organization answers, where that is not this one; empty where nobody wrote it down.
    """

    tenant: TenantRecord
    redirect_to: str | None = None
    pages_to: str | None = None
    cell_address: str = ""


class _Cache:
    """A bounded map of host to (entry or None, deadline on the monotonic clock).

    Hosts that nobody has are kept apart: a flood of invented ones must not push real ones out.
    """

    def __init__(self) -> None:
        self._entries: OrderedDict[str, tuple[HostEntry | None, float]] = OrderedDict()
        self._unknown: OrderedDict[str, tuple[HostEntry | None, float]] = OrderedDict()
        self._lock = threading.Lock()
        self._cleared = 0
        self._asked = threading.local()  # how often the cache had been emptied when this thread missed

    def get(self, host: str) -> tuple[bool, HostEntry | None]:
        found = self._entries.get(host) or self._unknown.get(host)
        if found is None or found[1] < time.monotonic():
            self._asked.at = self._cleared
            return False, None
        return True, found[0]

    def put(self, host: str, entry: HostEntry | None) -> None:
        """Keep ``entry`` unless the cache was emptied since this thread missed: what it read may be from before."""
        kept, most, life = self._entries, MAX_ENTRIES, TTL_SECONDS
        if entry is None:
            kept, most, life = self._unknown, MAX_UNKNOWN, NEGATIVE_TTL_SECONDS
        with self._lock:
            if getattr(self._asked, "at", None) != self._cleared:
                return
            self._entries.pop(host, None)
            self._unknown.pop(host, None)
            kept[host] = (entry, time.monotonic() + life)
            while len(kept) > most:
                kept.popitem(last=False)
        parties.meet(host, entry.tenant.id if entry else None)

    def clear(self) -> None:
        with self._lock:
            self._cleared += 1
            self._entries.clear()
            self._unknown.clear()


_cache = _Cache()


def resolve(host: str) -> HostEntry | None:
    """Return what the canonical ``host`` leads to, or None where no organization has it. Never a default."""
    _listener.ensure()
    known, entry = _cache.get(host)
    if known:
        return entry
    load: Callable[[str], HostEntry | None] = import_string(settings.TENANT_HOST_LOADER)
    entry = load(host)
    _cache.put(host, entry)
    return entry


def party(host: str) -> UUID | None:
    """Return whose the canonical ``host`` was when this process last looked, however long ago, without asking anybody.

    It says in whose line a request stands, and opens nothing.
    """
    return parties.of(host)


def know_parties() -> None:
    """Have :func:`party` know every organization from now on. For a process that serves, before it serves anybody."""
    _listener.ensure()
    parties.begin()


def forget_all() -> None:
    """Empty this process's cache."""
    _cache.clear()


def announce_change(organization_id: UUID) -> None:
    """Tell every process that an organization or its hosts changed. Call after the commit."""
    forget_all()
    try:
        _client().publish(CHANNEL, str(organization_id))
    except redis.RedisError:
        # The change is committed; other processes notice within TTL_SECONDS.
        _log.warning("catalog.announce_failed", extra={"organization_id": str(organization_id)})


def _client() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


class _Listener:
    """One daemon thread a process that empties the cache on each announcement."""

    def __init__(self) -> None:
        self._pid: int | None = None
        self._lock = threading.Lock()

    def ensure(self) -> None:
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()  # a forked worker inherits the object, not the thread
            threading.Thread(target=self._listen, name="tenant-catalog", daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self._follow()
            except redis.RedisError:
                time.sleep(1.0)
            except Exception:  # noqa: BLE001 - a listener that ended would leave this process blind for its whole life
                _log.exception("catalog.listener_failed")
                time.sleep(1.0)

    @staticmethod
    def _follow() -> None:
        link = redis.Redis.from_url(
            settings.REDIS_URL, socket_connect_timeout=0.5, socket_timeout=5.0, health_check_interval=PING_SECONDS
        )
        with link.pubsub() as subscription:  # type: ignore[no-untyped-call]
            subscription.subscribe(CHANNEL)
            while True:
                # Returns None when nothing came; each turn pings a connection that has been quiet for long.
                message = subscription.get_message(timeout=PING_SECONDS)
                # The confirmation of the subscription too: what was announced before it may have been missed.
                if message and message["type"] in ("message", "subscribe"):
                    forget_all()
                    parties.changed()


_listener = _Listener()
