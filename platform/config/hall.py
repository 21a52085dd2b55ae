"""Whose request goes on next in a web process, so that nobody's hurry is paid for by the others.

Threads of one process share one interpreter, and all processes of a machine its processors: an organization that asks
without a pause would have as much of both as it has threads. So what each takes is counted in seconds of *work*: the
processor time of its requests and what they wait for PostgreSQL. An organization may take ``steady`` of every second
and has ``saved_seconds`` saved up for when a class begins. While it is within that, ``together`` of its requests are at
work at a time: a second one uses what the first leaves of the interpreter, a third would only stand in the others' way.
Beyond it there is one at a time, and only in the gaps that the others' requests leave; after each it rests for a while:
a request that comes then finds a processor. Nobody is refused for that: who has to wait stands in the organization's
line and holds no thread.

All this holds while somebody else is about. An organization that is alone has the process to itself, but for the
threads that are kept for whoever comes. Requests that have been at work for much longer than requests are here are
waiting for something else, a slow statement or another service: they count as threads and not as work. How long
requests are is measured: on a machine that is short of processors all of them are long.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

_OLD = 5  # times as long as requests are on average: what has been at work for so long is waiting
_WEIGHT = 1 / 50  # of the request that ended last, in that average
_FORGET_AT = 1024  # parties; whoever has nothing here and everything saved up is as good as new


class Waiting(Protocol):
    """A request that may have to wait."""

    party: Hashable
    deadline: float
    began: float
    """When it went on: the hall writes it down."""

    def sit(self) -> None:
        """Make ready to be gone on with by another thread."""


_Guest = TypeVar("_Guest", bound=Waiting)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a party may have. All times are in seconds."""

    threads: int
    """Threads that it may hold, whatever its requests do there."""
    line: int
    """Requests of it that may wait."""
    steady: float = 0.7
    saved_seconds: float = 1.5
    again: float = 0.25
    """Part of its savings that who had spent all needs to be within its means again."""
    rest: float = 0.5
    """For how long it rests after a request beyond its means, as a part of that request's work."""
    together: int = 2
    young_seconds: tuple[float, float] = (0.1, 1.0)
    """For how long a request counts as working, at least and at most."""
    patience_seconds: float = 0.25
    """After which one of its requests goes on, whether or not the others leave a gap; the longest rest as well."""
    about_seconds: float = 10.0
    """How long somebody who asked for something counts as being about."""


class _Party(Generic[_Guest]):
    """One party: what it has saved up, when its requests at work began, and who of it waits."""

    __slots__ = ("at_work", "credit", "credited_at", "is_spent", "line", "rests_until", "went_on_at")

    def __init__(self, credit: float, moment: float) -> None:
        self.credit = credit
        self.credited_at = moment
        self.is_spent = False
        self.went_on_at = moment
        self.rests_until = moment
        self.at_work: list[float] = []
        self.line: deque[_Guest] = deque()


class Hall(Generic[_Guest]):
    """Everybody who is at work or waits in this process."""

    def __init__(self, rules: Rules, clock: Callable[[], float] = time.monotonic) -> None:
        self._rules = rules
        self._clock = clock
        self._parties: dict[Hashable, _Party[_Guest]] = {}
        self._working: dict[Hashable, _Party[_Guest]] = {}
        self._waiting: dict[Hashable, _Party[_Guest]] = {}
        self._latest: tuple[Hashable, float] | None = None
        self._latest_other: tuple[Hashable, float] | None = None  # the last one before it that was another party
        self._average = 0.0  # seconds that a request is at work
        self._forget_at = _FORGET_AT
        self._lock = threading.Lock()

    def look_again_seconds(self, most: float) -> float | None:
        """Return when :meth:`moved_on` is to be asked, ``most`` seconds from now at the latest; None: nobody waits."""
        with self._lock:
            if not self._waiting:
                return None
            moment = self._clock()
            rests = [party.rests_until - moment for party in self._waiting.values() if party.rests_until > moment]
            return min([most, *rests])

    def enter(self, guest: _Guest) -> str:
        """Return ``in`` (call :meth:`leave` afterwards), ``aside`` or ``full``."""
        with self._lock:
            moment = self._clock()
            self._seen(guest.party, moment)
            party = self._parties.get(guest.party)
            if party is None:
                party = self._parties[guest.party] = _Party(self._rules.saved_seconds, moment)
            if not party.line and self._may_go_on(guest.party, party, moment):
                self._goes_on(guest, party, moment)
                return "in"
            if len(party.line) >= self._rules.line:
                return "full"
            guest.sit()  # from here on another thread may go on with it
            party.line.append(guest)
            self._waiting[guest.party] = party
            return "aside"

    def leave(self, guest: _Guest, work: float) -> list[_Guest]:
        """Let a request go that took so many seconds of work; return who goes on now."""
        with self._lock:
            moment = self._clock()
            party = self._parties[guest.party]
            party.at_work.remove(guest.began)
            took = min(moment - guest.began, self._rules.young_seconds[1])
            self._average += (took - self._average) * _WEIGHT
            if not party.at_work:
                del self._working[guest.party]
            self._is_spent(party, moment)
            party.credit = max(party.credit - work, -self._rules.saved_seconds)
            if party.is_spent:
                party.rests_until = moment + min(work * self._rules.rest, self._rules.patience_seconds)
            self._seen(guest.party, moment)
            if len(self._parties) > self._forget_at:
                self._forget(moment)
            return self._next(moment)

    def moved_on(self) -> tuple[list[_Guest], list[_Guest]]:
        """Return who goes on because time has passed, and who has waited until its deadline and goes away."""
        with self._lock:
            moment = self._clock()
            late: list[_Guest] = []
            for key, party in list(self._waiting.items()):
                while party.line and party.line[0].deadline <= moment:
                    late.append(party.line.popleft())
                if not party.line:
                    del self._waiting[key]
            return self._next(moment), late

    def _next(self, moment: float) -> list[_Guest]:
        """Who is within its means goes first; among the others, whose line has stood for longest."""
        found: list[_Guest] = []
        if not self._waiting:
            return found
        order = sorted(self._waiting.items(), key=lambda one: (self._is_spent(one[1], moment), one[1].went_on_at))
        for key, party in order:
            while party.line and self._may_go_on(key, party, moment):
                guest = party.line.popleft()
                self._goes_on(guest, party, moment)
                found.append(guest)
            if not party.line:
                del self._waiting[key]
        return found

    def _goes_on(self, guest: _Guest, party: _Party[_Guest], moment: float) -> None:
        guest.began = party.went_on_at = moment
        party.at_work.append(moment)
        self._working[guest.party] = party

    def _may_go_on(self, key: Hashable, party: _Party[_Guest], moment: float) -> bool:
        rules = self._rules
        if len(party.at_work) >= rules.threads:
            return False
        if not self._others_about(key, moment):
            return True
        young = self._young(party, moment)
        if not self._is_spent(party, moment):
            return young < rules.together
        if young or moment < party.rests_until:
            return False
        return moment - party.went_on_at >= rules.patience_seconds or not any(
            other is not party and self._young(other, moment) and not self._is_spent(other, moment)
            for other in self._working.values()
        )

    def _young(self, party: _Party[_Guest], moment: float) -> int:
        least, most = self._rules.young_seconds
        young = min(max(least, _OLD * self._average), most)
        return sum(moment - began < young for began in party.at_work)

    def _is_spent(self, party: _Party[_Guest], moment: float) -> bool:
        """Add what the party has earned since; return whether it takes more than its part.

        Who has spent all has to save some before it is within its means again: else it would be so every other moment.
        While requests of it still wait it saves nothing: it would come into its means by being held back.
        """
        rules = self._rules
        if not (party.is_spent and party.line):
            party.credit = min(party.credit + (moment - party.credited_at) * rules.steady, rules.saved_seconds)
        party.credited_at = moment
        if party.credit <= 0:
            party.is_spent = True
        elif party.credit >= rules.saved_seconds * rules.again:
            party.is_spent = False
        return party.is_spent

    def _seen(self, key: Hashable, moment: float) -> None:
        if self._latest is not None and self._latest[0] != key:
            self._latest_other = self._latest
        self._latest = (key, moment)

    def _others_about(self, key: Hashable, moment: float) -> bool:
        latest = self._latest_other if self._latest is not None and self._latest[0] == key else self._latest
        return latest is not None and moment - latest[1] < self._rules.about_seconds

    def _forget(self, moment: float) -> None:
        for key, party in list(self._parties.items()):
            is_here = party.at_work or party.line
            if not is_here and not self._is_spent(party, moment) and party.credit >= self._rules.saved_seconds:
                del self._parties[key]
        self._forget_at = max(_FORGET_AT, 2 * len(self._parties))
