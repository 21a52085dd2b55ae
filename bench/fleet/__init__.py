"""A thousand organizations on one machine: what each costs the others. Only ``make bench-fleet`` runs it.

Two fleets are built, one of ten organizations and one of ``FLEET`` (1,000), each on a durable PostgreSQL of its own.
All organizations of both are made alike: signed up and provisioned by the product's own engine, then filled by its
services with a course of four lessons and a learner on it who is signed in. Both fleets are alive at once and are
measured in turns, so that what disturbs the machine disturbs them alike.

=======================  =========================================================================================
``fleet_provision``      CPU of making one organization in the large fleet / in the small one
``fleet_request``        CPU of opening a lesson in the large fleet / in the small one, on warm connections
``fleet_request_served`` the same on average, first touches and forgotten hosts among them, at a stated pace
``fleet_memory``         MB of private memory of a web's backend: with affinity to two groups / without
``outbox_lag``           seconds from a fact to its effect (p95), a hundred a second over the large fleet
``fleet_duties``         what the dispatcher's periodic work takes of a core, over the large fleet
``fleet_migrate``        seconds until ``migrate_fleet`` of a next release has given everybody a column, under traffic
``fleet_migrate_ratio``  how many times faster than django-tenants' ``migrate_schemas`` that is
``fleet_blocked``        the longest request meanwhile
=======================  =========================================================================================

``FLEET=40`` builds a small "large" fleet; ``FIGURES=request,provision`` measures these only.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Callable

from bench import report
from bench.fleet import duties, lag, memory, migrate, provision, request
from bench.fleet.fleet import Fleet, opened

FEW = 10

_FIGURES: dict[str, Callable[[Fleet, Fleet], None]] = {
    "provision": provision.measure,
    "request": request.measure,
    "memory": memory.measure,
    "lag": lag.measure,
    "duties": duties.measure,
    "migrate": migrate.measure,
}


def run() -> None:
    """Build both fleets and measure every figure, or those that ``FIGURES`` names."""
    many = int(os.environ.get("FLEET", "1000"))
    wanted = os.environ.get("FIGURES", "").replace(",", " ").split() or list(_FIGURES)
    if unknown := set(wanted) - set(_FIGURES):
        raise SystemExit(f"No such figure: {', '.join(sorted(unknown))}. There are: {', '.join(_FIGURES)}")
    if many < FEW:
        raise SystemExit(f"FLEET must be at least {FEW}.")
    with opened("small") as small, opened("large") as large:
        for fleet, size in ((small, FEW), (large, many)):
            with fleet.running():
                fleet.grow(size)
        for name in (name for name in _FIGURES if name in wanted):  # migrate is last: it leaves this release behind
            print(f"measuring {name}", file=sys.stderr, flush=True)
            try:
                _FIGURES[name](small, large)
            except Exception as error:  # noqa: BLE001 - one that cannot measure must not cost the others their fleet
                traceback.print_exc()
                report.failed(f"fleet {name}", str(error) or type(error).__name__)
