"""Gunicorn's threaded worker with a share for everybody: neither threads nor processor are one organization's alone.

A request that comes when its organization has as much at work as it may have (``config.hall``) is put aside as it is,
without a thread, and goes on when it is its turn. So the slow requests of one leave threads for the others, a flood of
one leaves them the processor, and a class that opens a lesson at once is served in turn. Who waits for too long, or
finds too many waiting, is told to come back (``config.overload``).
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Hashable
from concurrent.futures import Future
from typing import Any
from urllib.parse import parse_qsl

from django.conf import settings
from gunicorn.workers.gthread import ThreadWorker

from config import metrics
from config.hall import Hall, Rules
from core.http.marks import BUSY, DATABASE, WAITED  # what reads no settings: config.wsgi says what process this is
from tenancy import catalog, hosts

PROBES = (
    "/livez",
    "/readyz",
    "/healthz/deep",
)  # what asks whether the process serves must not stand in an organization's queue
TURN_SECONDS = 0.05
STRANGERS = "strangers"
_ASIDE = object()


class _SetAside(BaseException):
    """Leaves gunicorn's handling of a request that will be handled later. No ``except Exception`` may see it."""


class _Guest:
    """One request that waits, with its connection. ``welcome`` says, once it is its turn, whether it may go on."""

    def __init__(self, connection: Any, request: Any, party: Hashable, patience: float) -> None:
        self.connection = connection
        self.request = request
        self.party = party
        self.came = self.began = time.monotonic()
        self.deadline = self.came + patience
        self.welcome = True
        self._parser = connection.parser

    def sit(self) -> None:
        """Stand in for the connection's parser, which has been asked for this request and must not be asked again."""
        self.connection.parser = self

    def __next__(self) -> Any:
        self.connection.parser = self._parser
        self.connection.guest = self
        return self.request


class _Here(threading.local):
    """What a thread knows of the request that it serves."""

    is_busy = False
    waited = 0.0  # seconds, in its party's line
    database = 0.0  # seconds, waiting for PostgreSQL: the application says so


class FairWorker(ThreadWorker):
    """``--worker-class=config.fair_worker.FairWorker``."""

    wait_seconds = 10.0
    most_waiting = 500  # of one party; gunicorn holds 1,000 connections a process
    wsgi: Any

    def load_wsgi(self) -> None:
        """Load the application; a request that is sent away reaches it with a mark."""
        super().load_wsgi()
        application: Any = self.wsgi
        self._here = _Here()

        def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
            if self._here.is_busy:
                environ[BUSY] = True
            environ[WAITED] = self._here.waited
            try:
                return application(environ, start_response)
            finally:
                self._here.database = environ.get(DATABASE, 0.0)

        self.wsgi = wsgi
        metrics.serve()
        catalog.know_parties()
        self._hall: Hall[_Guest] = Hall(self.rules())

    def rules(self) -> Rules:
        """Return what a party may have in this process."""
        return Rules(
            threads=share_of(self.cfg.threads),
            line=self.most_waiting,
            steady=settings.WEB_STEADY_PERCENT / 100,
            saved_seconds=settings.WEB_SAVED_SECONDS,
        )

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
            guest = _Guest(conn, req, party_of(req), self.wait_seconds)
            outcome = self._hall.enter(guest)
            if outcome == "aside":
                raise _SetAside
            guest.welcome = outcome == "in"
        if not guest.welcome:
            return self._send_away(req, conn)
        self._here.waited = max(0.0, guest.began - guest.came)
        used = time.thread_time()
        try:
            return super().handle_request(req, conn)
        finally:
            work = time.thread_time() - used + self._here.database
            self._here.waited = self._here.database = 0.0
            self._go_on(self._hall.leave(guest, work))

    def _send_away(self, req: Any, conn: Any) -> Any:
        self._here.is_busy = True
        try:
            return super().handle_request(req, conn)
        finally:
            self._here.is_busy = False

    def _go_on(self, guests: list[_Guest]) -> None:
        for guest in guests:
            self.enqueue_req(guest.connection)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """What gunicorn's loop does: more often where somebody waits, whose turn may have come by the clock alone."""
        soon = self._hall.look_again_seconds(TURN_SECONDS)
        super().wait_for_and_dispatch_events(timeout if soon is None else min(timeout, soon))
        following, late = self._hall.moved_on()
        for guest in late:
            guest.welcome = False
        self._go_on(following + late)


def share_of(threads: int) -> int:
    """Return how many of a process's threads one party may hold: its percentage, but not all where there are more."""
    share = math.ceil(threads * settings.WEB_SHARE_PERCENT / 100)
    return max(1, min(share, threads - 1))


def party_of(req: Any) -> Hashable:
    """Return who asks: an organization, the site, the console, user-made content, the front door, or a stranger.

    Hosts that nobody has are one party, however many somebody invents, and no organization is in it: the process knows
    all hosts before it serves. The front door's question before it gets a certificate stands for itself where it asks
    for a host that somebody has; whoever makes it ask for others waits with the strangers.
    """
    if req.path == hosts.TLS_QUESTION:
        asked = dict(parse_qsl(req.query)).get("domain", "")
        return STRANGERS if _party_of(asked) == STRANGERS else hosts.TLS_QUESTION
    return _party_of(next((value for name, value in req.headers if name == "HOST"), ""))


def _party_of(written: str) -> Hashable:
    try:
        host = hosts.canonical(written)
    except hosts.BadHost:
        return STRANGERS
    if host in (settings.SITE_HOST, settings.STAFF_HOST):
        return host
    if hosts.surface_of(host) == "content":
        return settings.CONTENT_SUFFIX
    return catalog.party(host) or STRANGERS
