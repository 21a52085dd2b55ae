"""The cast and the two organizations that every test may use.

acme and globex are made once a run; each test runs in a transaction that is rolled back. In acme: Olga owns, Alice
administers, Avery writes courses, Ines teaches, Leo and Lea learn. In globex: Mallory owns, and must see nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
import redis
from django.db import connection, transaction
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as examples

import tenancy
from tenancy import TenantRecord, catalog
from tests.support import plugin
from tests.support.organizations import PASSWORD

# The same examples in every run, with nothing drawn or remembered that another machine has not; and a machine that is
# busy takes as long as it takes: an example's time is no promise of the product.
examples.register_profile(
    "repeatable", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
examples.load_profile("repeatable")


@dataclass(frozen=True)
class Person:
    """Somebody of an organization. ``client()`` is their browser, signed in."""

    id: UUID
    name: str
    email: str
    role: str
    organization: TenantRecord

    @property
    def password(self) -> str:
        return PASSWORD

    def client(self) -> Client:
        """Return a browser on the organization's host in which this person has signed in."""
        from apps.accounts.models import Member

        browser = Client(headers={"host": self.organization.host})
        with tenancy.bind(self.organization):
            browser.force_login(Member.objects.get(id=self.id))
        return browser


CAST = {
    "olga": ("acme", "owner", "Olga Owner"),
    "alice": ("acme", "admin", "Alice Admin"),
    "avery": ("acme", "author", "Avery Author"),
    "ines": ("acme", "instructor", "Ines Instructor"),
    "leo": ("acme", "learner", "Leo Learner"),
    "lea": ("acme", "learner", "Lea Learner"),
    "mallory": ("globex", "owner", "Mallory Owner"),
    "marvin": ("globex", "learner", "Marvin Learner"),
}


@dataclass(frozen=True)
class World:
    """Both organizations and everybody in them."""

    organizations: dict[str, TenantRecord]
    people: dict[str, Person]


@pytest.fixture(scope="session")
def world(django_db_blocker: pytest.FixtureRequest) -> World:
    """Sign both organizations up, provision them, and let their people accept invitations."""
    from apps.accounts.testing import join

    made = plugin.run_as_owner(
        sys.executable,
        *("-m", "tests.support.organizations"),
        *("acme", "Acme Academy", "olga@acme.example", "Olga Owner"),
        *("globex", "Globex Institute", "mallory@globex.example", "Mallory Owner"),
    )
    assert made.returncode == 0, made.stdout + made.stderr
    from tenants.catalog import load

    ids = dict(zip(("acme", "globex"), made.stdout.split()[-2:], strict=True))
    with django_db_blocker.unblock():
        organizations = {slug: load(UUID(found)) for slug, found in ids.items()}
        people = {}
        for key, (slug, role, name) in CAST.items():
            with tenancy.bind(organizations[slug]):
                email = f"{key}@{slug}.example"
                member_id = join(email=email, name=name, role=role, password=PASSWORD)
                people[key] = Person(member_id, name, email, role, organizations[slug])
        connection.close()
    return World(organizations, people)


@pytest.fixture(scope="module", autouse=True)
def nothing_counted_before() -> None:
    """Limits and queues are in Redis, which no rollback empties: what one file left there is nothing to the next."""
    with redis.Redis.from_url(plugin.stack["LMS_REDIS_URL"]) as link:
        link.flushdb()


@pytest.fixture
def db(world: World, django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    """A transaction around the test, undone at its end. Nothing is bound yet."""
    with django_db_blocker.unblock():
        block = transaction.atomic()
        block._from_testcase = (
            True  # as Django's TestCase marks its own: the product's rules on transactions stay in force
        )
        with block:
            yield
            transaction.set_rollback(True)
        catalog.forget_all()  # records that were read from rows which are no more


@pytest.fixture
def acme(db: None, world: World) -> Iterator[TenantRecord]:
    """Work for acme."""
    with tenancy.bind(world.organizations["acme"]) as bound:
        yield bound


@pytest.fixture
def globex(db: None, world: World) -> TenantRecord:
    """The other organization; not bound."""
    return world.organizations["globex"]


def _person(key: str) -> Callable[[World, None], Person]:
    @pytest.fixture(name=key)
    def fixture(world: World, db: None) -> Person:
        return world.people[key]

    return fixture


for _key in CAST:
    globals()[f"_{_key}"] = _person(_key)
