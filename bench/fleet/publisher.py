"""The process of ``outbox_lag`` that has Django in it: reads the organizations' ids from its input, as one JSON list.

Prints how long the events of the fleet's making took to be worked off, and then the figure.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any
from uuid import UUID

import django

_TOLD_EVERY_SECONDS = 10.0
_DRAINED_WITHIN_SECONDS = 900.0


def main() -> None:
    """Wait until nothing waits, say how long that took, measure."""
    django.setup()
    from bench import outbox_lag

    organization_ids = [UUID(found) for found in json.load(sys.stdin)]
    print(json.dumps(_drained()), flush=True)
    outbox_lag.measure(organization_ids)


def _drained() -> dict[str, Any]:
    import tenancy
    from events.models import OutboxDelivery

    pending = OutboxDelivery.objects.filter(state="pending")
    with tenancy.platform():
        begun, told, waited = time.monotonic(), time.monotonic(), pending.count()
        while left := pending.count():
            if time.monotonic() - begun > _DRAINED_WITHIN_SECONDS:
                raise RuntimeError(f"{left} deliveries still wait after {_DRAINED_WITHIN_SECONDS:.0f} s")
            if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                told = time.monotonic()
                print(f"{left} deliveries of the fleet's making still wait", file=sys.stderr, flush=True)
            time.sleep(0.5)
    return {"backlog_of_the_making": waited, "backlog_seconds": round(time.monotonic() - begun, 1)}


if __name__ == "__main__":
    main()
