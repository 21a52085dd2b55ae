"""For those who all want the same row at once, on a machine that has much else to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError

from events.idempotency import LOCK_NOT_AVAILABLE

MOST_TRIES = 20
T = TypeVar("T")


def patiently(act: Callable[[], T]) -> T:
    """Do it, and again where a lock was not had in time: over HTTP that is a 503, nothing was done, and they come back.

    Raises:
        AssertionError: it was not had however often.
    """
    for _ in range(MOST_TRIES):
        try:
            return act()
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != LOCK_NOT_AVAILABLE:
                raise
    raise AssertionError("the lock was never had")
