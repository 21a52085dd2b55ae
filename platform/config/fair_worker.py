"""Gunicorn's threaded worker with a share for everybody: one organization never holds all threads of a process.

A request that comes when its organization holds its share already is put aside as it is, without a thread, and goes on
when one of the organization's own requests has ended. So the slow requests of one leave threads for the others, and a
class that opens a lesson at once is served in turn. Who waits for too long, or finds too many waiting, is told to come
back (``config.overload``).
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Hashable
from concurrent.futures import Future
from typing import Any

from django.conf import settings
from gunicorn.workers.gthread import ThreadWorker

from config import metrics
from core.http.marks import BUSY  # what reads no settings: config.wsgi says first what kind of process this is
from tenancy import catalog, hosts

PROBES = (
    "/livez",
    "/readyz",
    "/healthz/deep",
)  # what asks whether the process serves must not stand in an organization's queue
_ASIDE = object()


class _SetAside(BaseException):
    """Leaves gunicorn's handling of a request that will be handled later. No ``except Exception`` may see it."""


class _Guest:
    """One request that waits, with its connection. ``welcome`` says, once it is its turn, whether it may go on."""

    def __init__(self, connection: Any, request: Any, party: Hashable, deadline: float) -> None:
        self.connection = connection
        self.request = request
        self.party = party
        self.deadline = deadline
        self.welcome = True
        self._parser = connection.parser

    def sit(self) -> None:
        """Stand in for the connection's parser, which has been asked for this request and must not be asked again."""
        self.connection.parser = self

    def __next__(self) -> Any:
        self.connection.parser = self._parser
        self.connection.guest = self
        return self.request


class Hall:
    """How many threads each party holds, and who of it waits. A thread that is let go passes to the next in line."""

    def __init__(self, *, share: int, most_waiting: int) -> None:
        self._share = share
        self._most_waiting = most_waiting
        self._held: dict[Hashable, int] = {}
        self._waiting: dict[Hashable, deque[_Guest]] = {}
        self._lock = threading.Lock()

    def enter(self, guest: _Guest) -> str:
        """Return ``in`` (call :meth:`leave` afterwards), ``aside`` or ``full``."""
        with self._lock:
            held = self._held.get(guest.party, 0)
            if held < self._share:
                self._held[guest.party] = held + 1
                return "in"
            line = self._waiting.setdefault(guest.party, deque())
            if len(line) >= self._most_waiting:
                return "full"
            guest.sit()  # from here on another thread may go on with it
            line.append(guest)
            return "aside"

    def leave(self, party: Hashable) -> _Guest | None:
        """Let a thread go; return who of the party has it now."""
        with self._lock:
            line = self._waiting.get(party)
            if line:
                following = line.popleft()
                if not line:
                    del self._waiting[party]
                return following
            self._held[party] -= 1
            if not self._held[party]:
                del self._held[party]
            return None

    def overdue(self, moment: float) -> list[_Guest]:
        """Take out of their lines whoever may wait until ``moment`` only; the longest waiting stand first in each."""
        late = []
        with self._lock:
            for party in list(self._waiting):
                line = self._waiting[party]
                while line and line[0].deadline <= moment:
                    late.append(line.popleft())
                if not line:
                    del self._waiting[party]
        return late


class FairWorker(ThreadWorker):
    """``--worker-class=config.fair_worker.FairWorker``; a share is ``settings.WEB_SHARE_PERCENT`` of ``--threads``."""

    wait_seconds = 10.0
    most_waiting = 500  # of one party; gunicorn holds 1,000 connections a process
    wsgi: Any

    def load_wsgi(self) -> None:
        """Load the application; a request that is sent away reaches it with a mark."""
        super().load_wsgi()
        application: Any = self.wsgi
        self._marked = threading.local()

        def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
            if getattr(self._marked, "busy", False):
                environ[BUSY] = True
            return application(environ, start_response)

        self.wsgi = wsgi
        metrics.serve()
        self._hall = Hall(share=share_of(self.cfg.threads), most_waiting=self.most_waiting)

    def set_accept_enabled(self, enabled: bool) -> None:
        """What gunicorn calls as it stops, too: then let in everybody who stands at the door, and close it at once.

        The kernel goes on accepting connections for as long as the door is open, and resets those that nobody took,
        with the requests that are in them. Who finds it closed has sent nothing yet, and is led elsewhere.
        """
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for door in self.sockets:
            door.setblocking(False)
            inside = -1
            while inside != self.nr_conns:
                inside = self.nr_conns
                self.accept(door)
            door.close()

    def handle(self, conn: Any) -> Any:
        """Handle the next request of a connection, or put it aside."""
        try:
            return super().handle(conn)
        except _SetAside:
            return _ASIDE

    def finish_request(self, conn: Any, fs: Future[Any]) -> None:
        """Decide what becomes of a connection; one whose request waits has been taken over already."""
        if not fs.cancelled() and fs.exception() is None and fs.result() is _ASIDE:
            return
        super().finish_request(conn, fs)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Serve a request that may have a thread; put it aside or send it away where its party has its share."""
        guest, conn.guest = getattr(conn, "guest", None), None
        if guest is None:
            if req.path in PROBES:
                return super().handle_request(req, conn)
            guest = _Guest(conn, req, party_of(req), time.monotonic() + self.wait_seconds)
            outcome = self._hall.enter(guest)
            if outcome == "aside":
                raise _SetAside
            guest.welcome = outcome == "in"
        if not guest.welcome:
            return self._send_away(req, conn)
        try:
            return super().handle_request(req, conn)
        finally:
            following = self._hall.leave(guest.party)
            if following is not None:
                self.enqueue_req(following.connection)

    def _send_away(self, req: Any, conn: Any) -> Any:
        self._marked.busy = True
        try:
            return super().handle_request(req, conn)
        finally:
            self._marked.busy = False

    def murder_pending(self) -> None:
        """What gunicorn calls at least once a second: also send away who has waited for too long."""
        super().murder_pending()
        for guest in self._hall.overdue(time.monotonic()):
            guest.welcome = False
            self.enqueue_req(guest.connection)


def share_of(threads: int) -> int:
    """Return how many of a process's threads one party may hold: its percentage, but not all where there are more."""
    share = math.ceil(threads * settings.WEB_SHARE_PERCENT / 100)
    return max(1, min(share, threads - 1))


def party_of(req: Any) -> Hashable:
    """Return who asks: the organization where this process knows the host, else the host itself."""
    written = next((value for name, value in req.headers if name == "HOST"), "")
    try:
        host = hosts.canonical(written)
    except hosts.BadHost:
        return written
    entry = catalog.known(host)
    return entry.tenant.id if entry else host
