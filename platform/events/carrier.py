"""What a worker does with a handful of rows: one after the other, each bound to its organization.

A row that takes long must not hold up what happens to lie behind it in the same handful: after a second, what has not
begun is given back, and whichever worker is free gets it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from uuid import UUID

from celery import Task
from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

import tenancy
from events.admission import Claimed, Lane
from tenancy.tasks import NotServed, working_for

_log = logging.getLogger(__name__)

PATIENCE_SECONDS = 1.0


def carry(lane: Lane, rows: Sequence[Claimed], task: Task) -> None:
    """Run the rows for ``task``, and let the relay know that there is room again. Must run on the platform.

    Safe to run twice: a row's own mark decides whether it has an effect. What cannot be run now is given back.
    """
    with _Handful(lane, rows) as handful:
        ids = {row.organization_id for row in rows} if lane.bound else set()
        records = import_string(settings.TENANT_LOADER_OF_MANY)(ids)
        for row in handful:
            try:
                if not lane.bound:
                    lane.run(row.id)
                    continue
                with working_for(records.get(row.organization_id), row.generation, task):
                    lane.run(row.id)
            except NotServed:
                lane.give_back([row.id])
            except Exception:  # noqa: BLE001 - the others have nothing to do with it; its lease ends by itself
                _log.exception("carrier.row_failed", extra={"lane": lane.name, "id": str(row.id)})
                connection.close_if_unusable_or_obsolete()
    lane.bell()


class _Handful:
    """Rows to be taken one by one; those that are still there when patience ends are given back."""

    def __init__(self, lane: Lane, rows: Sequence[Claimed]) -> None:
        self._lane = lane
        self._left = deque(rows)
        self._timer = threading.Timer(PATIENCE_SECONDS, self._give_back)
        self._timer.daemon = True

    def __enter__(self) -> Iterator[Claimed]:
        if len(self._left) > 1:
            self._timer.start()
        return self._take()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _take(self) -> Iterator[Claimed]:
        while True:
            try:
                row = self._left.popleft()
            except IndexError:
                return
            yield row

    def _give_back(self) -> None:
        left: list[UUID] = []
        with contextlib.suppress(IndexError):
            while True:
                left.append(self._left.pop().id)
        if not left:
            return
        _log.info("carrier.given_back", extra={"lane": self._lane.name, "rows": len(left)})
        try:
            with tenancy.platform():
                self._lane.give_back(left)
            self._lane.bell()
        finally:
            connection.close()  # this thread's own
