"""The relay: hands what lanes hold to the workers, in turn and a little at a time."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from events import admission, broker
from events.admission import Claimed, Lane
from tenancy.tasks import named

_log = logging.getLogger(__name__)

# What one message asks a worker for: the broker and the worker cost more a message than a short delivery does.
# Not more, and in several messages where there is enough for several workers.
HANDFUL = 8
_SPREAD = 4
# An organization that is paused or gone is asked about again after this.
REST_SECONDS = 5.0


class Relay:
    """Hands out what is due in one lane. Keeps whose turn it is, and who is resting because nobody may work for them.

    Two of them at once are harmless: a row is leased once, and the caps count what both have handed out.
    """

    def __init__(self, lane: Lane) -> None:
        self.lane = lane
        self._after = admission.FIRST
        self._resting: dict[UUID, float] = {}

    def run(self) -> int:
        """Hand out as much as has room; return how much that was. Must run on the platform.

        While the broker is away, or holds so much that workers must be, nothing is claimed: rows wait better than
        messages. What belongs to data that a restore has replaced is closed. What belongs to an organization that is
        paused or gone stays where it is and takes nobody's turn.
        """
        sent = 0
        while True:
            waiting = broker.lengths([broker.QUEUE])
            if waiting is None or waiting[0] >= settings.JOBS_IN_FLIGHT:
                return sent
            claimed = self.lane.claim(
                each=settings.JOBS_IN_FLIGHT_EACH,
                most=settings.JOBS_IN_FLIGHT,
                after=self._after,
                but=self._at_rest(),
            )
            admitted = self._admit(claimed)
            sent += self._hand_out(admitted)
            if len(admitted) == len(claimed):
                return sent

    def _at_rest(self) -> Sequence[UUID]:
        moment = time.monotonic()
        self._resting = {found: until for found, until in self._resting.items() if until > moment}
        return list(self._resting)

    def _admit(self, claimed: list[Claimed]) -> list[Claimed]:
        """Return what may be worked on now, under the generations that organizations have; give the rest back."""
        if not claimed or not self.lane.bound:
            return claimed
        standings = import_string(settings.TENANT_STANDINGS)({row.organization_id for row in claimed})
        admitted, refused = [], []
        for row in claimed:
            standing = standings.get(row.organization_id)
            if standing is not None and standing.is_active and row.generation >= standing.epoch:
                admitted.append(replace(row, generation=standing.generation))
                continue
            if standing is not None and row.generation < standing.epoch:
                self.lane.void(row.organization_id, standing.epoch)
            self._resting[row.organization_id] = time.monotonic() + REST_SECONDS
            refused.append(row.id)
        if refused:
            self.lane.give_back(refused)
        return admitted

    def _hand_out(self, admitted: list[Claimed]) -> int:
        carry = named("events.tasks.carry")
        size = min(HANDFUL, -(-len(admitted) // _SPREAD)) or 1
        for start in range(0, len(admitted), size):
            rows = [(str(row.organization_id), row.generation, str(row.id)) for row in admitted[start : start + size]]
            try:
                carry.delay(self.lane.name, rows)
            except Exception:
                self.lane.give_back([left.id for left in admitted[start:]])
                raise
        if admitted:
            self._after = admitted[-1].organization_id
        return len(admitted)
