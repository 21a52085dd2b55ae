"""What requests find when connections are renewed and hosts forgotten, at a pace that a bench cannot wait for.

The rules are the product's, the clock is not: half an hour passes in a second. What each case costs is measured
elsewhere.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from bench.fleet import zipf


@dataclass(frozen=True)
class Rules:
    """How the web is set up. Its defaults are the product's."""

    requests_a_second: float = 100.0
    groups: int = 2
    threads: int = 8
    conn_tenants: int = 50
    conn_max_age_seconds: float = 600.0
    host_ttl_seconds: float = 30.0


@dataclass
class Shares:
    """How many requests meet a connection that does not know the organization, a forgotten host, or no connection."""

    first_touch: float = 0.0
    host_lookup: float = 0.0
    connect: float = 0.0
    known_by_a_connection: float = 0.0
    """Organizations that a connection knows, on average."""


@dataclass
class _Connection:
    opened: float
    known: set[int] = field(default_factory=set)


def shares(organizations: int, rules: Rules, *, seconds: int = 1800, seed: int = 1) -> Shares:
    """Return the shares over the second half of ``seconds``."""
    draw = random.Random(seed)
    count = int(seconds * rules.requests_a_second)
    connections: dict[tuple[int, int], _Connection] = {}
    forgotten_at: dict[int, float] = {}
    found, counted, known = Shares(), 0, 0
    for turn, number in enumerate(zipf.numbers(organizations, count, seed=seed)):
        moment, counts = turn / rules.requests_a_second, turn >= count // 2
        place = (number % rules.groups, draw.randrange(rules.threads))
        connection = connections.get(place)
        if connection is None or moment - connection.opened > rules.conn_max_age_seconds:
            connection = connections[place] = _Connection(moment)
            found.connect += counts
        found.first_touch += counts and number not in connection.known
        connection.known.add(number)
        if forgotten_at.get(number, 0.0) <= moment:  # each group has one process here
            found.host_lookup += counts
            forgotten_at[number] = moment + rules.host_ttl_seconds
        counted, known = counted + counts, known + counts * len(connection.known)
        if 0 < rules.conn_tenants <= len(connection.known):
            del connections[place]
    return Shares(
        first_touch=round(found.first_touch / counted, 3),
        host_lookup=round(found.host_lookup / counted, 3),
        connect=round(found.connect / counted, 4),
        known_by_a_connection=round(known / counted, 1),
    )
