"""Read a beacon. By hand: it arrives every few seconds from everybody who watches."""

from __future__ import annotations

import math
from typing import Any
from uuid import UUID

from apps.progress.dto import Beacon
from apps.progress.watch import MAX_SPANS_A_BEACON, PlayedSpan
from core.errors import ValidationFailed

MAX_SEQ = 2**31 - 2


def beacon_of(data: Any) -> Beacon:
    """Return the beacon that a request carries.

    Raises:
        ValidationFailed: something is missing or is no number; what merely cannot have been played is judged later.
    """
    if not isinstance(data, dict):
        raise ValidationFailed(errors={"": "A report is an object."})
    spans = data.get("spans")
    if not isinstance(spans, list) or len(spans) > 4 * MAX_SPANS_A_BEACON:
        raise ValidationFailed(errors={"spans": "This is a list of [from, to, speed]."})
    return Beacon(
        play_session=_uuid(data, "play_session"),
        seq=_whole(data, "seq", 0, MAX_SEQ),
        item=_uuid(data, "item"),
        timeline=_uuid(data, "timeline"),
        spans=tuple(_span(span) for span in spans),
        position=_number(data.get("position"), "position"),
        placement_no=_whole(data, "placement_no", 0, MAX_SEQ),
    )


def _uuid(data: dict[str, Any], name: str) -> UUID:
    try:
        return UUID(data.get(name))
    except (ValueError, TypeError, AttributeError):
        raise ValidationFailed(errors={name: "This is an id."}) from None


def _whole(data: dict[str, Any], name: str, low: int, high: int) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ValidationFailed(errors={name: "This is a whole number."})
    return value


def _number(value: Any, name: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or abs(value) > 1e9:
        raise ValidationFailed(errors={name: "This is a number of seconds."})
    return float(value)


def _span(value: Any) -> PlayedSpan:
    if not isinstance(value, list) or not 2 <= len(value) <= 3:
        raise ValidationFailed(errors={"spans": "This is a list of [from, to, speed]."})
    numbers = [_number(number, "spans") for number in value]
    return PlayedSpan(*numbers)
