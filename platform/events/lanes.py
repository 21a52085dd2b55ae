"""The lanes there are, by name."""

from __future__ import annotations

from events import delivery, mails, schedule
from events.admission import Lane

LANES: dict[str, Lane] = {lane.name: lane for lane in (delivery.LANE, mails.LANE, schedule.LANE)}
