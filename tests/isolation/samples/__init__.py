"""What the isolation walk sends: one sample a route, made of things that were built through the product itself.

A file an app, ``tests/isolation/samples/<app>.py``, imported by itself::

    from tests.isolation.samples import Call, Sample, World, sample, thing

    @thing("course")
    def course(world: World) -> str:
        \"\"\"The id of a published course.\"\"\"
        made = world.send("author", "POST", "/api/v1/courses/", {"title": world.text("Knots")})
        world.send("author", "POST", f"/api/v1/courses/{made['id']}/publication/", {})
        return made["id"]

    @sample("courses:course-detail")
    def course_detail(world: World) -> Sample:
        return Sample(
            path={"course_id": world["course"]},
            calls={"GET": Call(), "PATCH": Call({"title": world.text("Hitches")}), "DELETE": Call()},
        )

Rules:

* ``path`` holds the keyword arguments of ``reverse()``. ``calls`` has one entry for each method that the view's
  ``permissions`` declare: the walk fails where one is missing, and where the member named by ``by`` gets no 2xx.
* A thing is built once for a world, on first use, as the people of the organization would: by requests
  (``world.send``) or by services inside ``world.bound()``. Never insert rows. Things may use things of other apps.
* Every text that a person could write comes from ``world.text``: it carries the organization's canary.
* A secret that opens something (an invitation's token, a link) goes through ``world.secret``: the walk tries it on the
  other organization's host.
* Each call of the walk is rolled back before the next: a sample may delete what another one reads.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import tenancy
from tenancy import TenantRecord

Role = str
ROLES: tuple[Role, ...] = ("owner", "admin", "author", "instructor", "learner")
ANONYMOUS: Role = "anonymous"
# On the staff host: the three roles, and browsers whose password was right and whose factor is still to come or to be
# made.
STAFF_ROLES: tuple[Role, ...] = ("support", "operations", "finance")
BETWEEN_FACTORS: Role = "between_factors"
ENROLLING: Role = "enrolling"
STAFF_HALVES: tuple[Role, ...] = (BETWEEN_FACTORS, ENROLLING)


@dataclass(frozen=True)
class Call:
    """One request of a sample.

    ``json`` is the body (None: no body; bytes are sent as they are, with the header that says what they are), ``by``
    the role whose member must get a 2xx: the cast has one member a role, and ``"anonymous"`` is nobody. ``cookies``
    are sent beside the member's own. ``path`` stands in place of the sample's, where one method needs another thing
    than the rest. ``expect`` lists the answers that show an open door where no sample can be right: a code of this
    very second, or what happens once at a service that undoes nothing.
    """

    json: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    by: Role = "owner"
    path: Mapping[str, Any] | None = None
    expect: tuple[int, ...] = ()


@dataclass(frozen=True)
class Sample:
    """How to reach one route: the arguments of its path, and one call a method.

    ``fleet`` says that its answer is about every organization: names of others are no leak there. Staff host only.
    """

    path: Mapping[str, Any] = field(default_factory=dict)
    calls: Mapping[str, Call] = field(default_factory=dict)
    fleet: bool = False


class Sender(Protocol):
    """Sends a request as a member of the world's organization, on its host."""

    def __call__(
        self, role: Role, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Return the response (``status_code``, ``content``, ``json()``)."""
        ...


class World:
    """The things of one organization, built on first use.

    ``members`` maps each role to the id of the member who has it, and no other role.
    """

    def __init__(self, organization: TenantRecord, members: Mapping[Role, UUID], sender: Sender) -> None:
        self.organization = organization
        self.members = dict(members)
        self.secrets: list[str] = []
        self._sender = sender
        self._things: dict[str, Any] = {}
        self._building: list[str] = []
        self._texts = 0

    @property
    def canary(self) -> str:
        """The word that every text of this organization carries."""
        return f"canary-{self.organization.slug}"

    def __getitem__(self, name: str) -> Any:
        if name not in self._things:
            if name in self._building:
                raise LookupError(f"things need each other: {' > '.join([*self._building, name])}")
            if name not in _things:
                raise LookupError(f"no sample file makes the thing {name!r}")
            self._building.append(name)
            try:
                self._things[name] = _things[name](self)
            finally:
                self._building.pop()
        return self._things[name]

    def text(self, words: str) -> str:
        """Return ``words`` with the organization's canary and a number, so that no two are alike."""
        self._texts += 1
        return f"{words} {self.canary}-{self._texts}"

    def secret(self, value: str) -> str:
        """Return ``value`` and remember that it opens something of this organization, and nothing of another."""
        self.secrets.append(value)
        return value

    def send(
        self, role: Role, method: str, path: str, json: Any = None, headers: Mapping[str, str] | None = None
    ) -> Any:
        """Send a request as the member with ``role`` and return the decoded body (None where there is none).

        Raises:
            AssertionError: the answer is no 2xx.
        """
        response = self._sender(role, method, path, json, headers)
        assert 200 <= response.status_code < 300, (
            f"{role} {method} {path}: {response.status_code} {response.content[:800]!r}"
        )
        return response.json() if response.content else None

    @contextmanager
    def bound(self) -> Iterator[TenantRecord]:
        """Call services for this organization."""
        with tenancy.bind(self.organization) as record:
            yield record


Builder = Callable[[World], Any]
Factory = Callable[[World], Sample]

_things: dict[str, Builder] = {}
_samples: dict[str, Factory] = {}


def thing(name: str) -> Callable[[Builder], Builder]:
    """Register how to make a thing; ``world[name]`` is what the builder returns (ids as strings, or a dict of them)."""

    def register(build: Builder) -> Builder:
        if name in _things:
            raise ValueError(f"two builders make {name!r}")
        _things[name] = build
        return build

    return register


def sample(route: str) -> Callable[[Factory], Factory]:
    """Register the sample of a route, by its name with namespace: ``"courses:course-detail"``."""

    def register(make: Factory) -> Factory:
        if route in _samples:
            raise ValueError(f"two samples for {route}")
        _samples[route] = make
        return make

    return register


def all_samples() -> dict[str, Factory]:
    """Import every file of this package and return the samples by route."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return dict(_samples)
