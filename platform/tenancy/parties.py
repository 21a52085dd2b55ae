"""Whose every host is, kept in the process: in whose line a request stands, before anything is asked for it.

A process that knew only the hosts it has served would take an organization's first request for a stranger's, and
strangers are whoever invents hosts. So the hosts of all organizations are read when a process begins, again when a
change is announced, and every minute, for an announcement that was lost. It opens nothing: what a host leads to is
the catalogue's to say.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from uuid import UUID

from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

_log = logging.getLogger(__name__)

MAX_LISTED = 50_000  # hosts, 15 MB: twice the organizations that a cell's database bears (docs/operations/scale.md)
MAX_MET = 4096  # hosts that were served before the list had them
READ_SECONDS = 60.0  # what a lost announcement costs at most
AGAIN_SECONDS = 5.0  # between two readings at least: a fleet's release announces thousands of changes
PATIENCE_SECONDS = 2.0  # for how long a process that begins waits for the list; without one it serves all the same

Loader = Callable[[int], dict[str, UUID]]


class Parties:
    """A bounded map of host to organization: those that are listed, and those that were met since."""

    def __init__(self) -> None:
        self._listed: Mapping[str, UUID] = {}
        self._met: OrderedDict[str, UUID] = OrderedDict()
        self._lock = threading.Lock()
        self._is_stale = threading.Event()
        self._was_tried = threading.Event()

    def of(self, host: str) -> UUID | None:
        """Return whose the canonical ``host`` was when this process last looked; None: nobody's that it knows of."""
        return self._met.get(host) or self._listed.get(host)

    def meet(self, host: str, organization_id: UUID | None) -> None:
        """Remember what was found when a request for ``host`` was served."""
        if organization_id is not None and self._listed.get(host) == organization_id:
            return
        with self._lock:
            self._met.pop(host, None)
            if organization_id is not None:
                self._met[host] = organization_id
            while len(self._met) > MAX_MET:
                self._met.popitem(last=False)

    def read(self) -> None:
        """Read the list once. What was met and is in it now is its to say."""
        load: Loader = import_string(settings.TENANT_PARTIES_LOADER)
        found = load(MAX_LISTED)
        with self._lock:
            self._listed = found
            for host in self._met.keys() & found.keys():
                del self._met[host]
        if len(found) == MAX_LISTED:
            _log.error("catalog.too_many_hosts", extra={"most": MAX_LISTED})  # the others are strangers until met

    def changed(self) -> None:
        """Have the list read again soon."""
        self._is_stale.set()

    def begin(self) -> None:
        """Read now and from now on, from a thread that ends with the process. Call once, after the fork."""
        threading.Thread(target=self._go_on_reading, name="tenant-parties", daemon=True).start()
        self._was_tried.wait(PATIENCE_SECONDS)

    def _go_on_reading(self) -> None:
        while True:
            self._is_stale.clear()
            if not self._was_read():
                self._is_stale.set()
            self._was_tried.set()
            time.sleep(AGAIN_SECONDS)
            self._is_stale.wait(READ_SECONDS - AGAIN_SECONDS)

    def _was_read(self) -> bool:
        try:
            self.read()
        except Exception as failed:  # noqa: BLE001 - the list that there is stays; it is tried again
            _log.warning("catalog.hosts_not_read", extra={"error": type(failed).__name__})
            return False
        finally:
            connections.close_all()  # this thread's own: no connection is held for a reading a minute
        return True


parties = Parties()
