"""Makes organizations as the product does and fills each with a little school. Run as the owning login.

``python -m bench.fleet.maker 0 1 2 …`` makes these numbers and prints a JSON line about each. Without numbers it is
asked for them (:class:`bench.fleet.fleet.Talker`) and measures what each costs.
"""

from __future__ import annotations

import json
import sys
import time
from functools import partial
from typing import Any
from uuid import UUID

import django

from bench.fleet.backends import Backends

LESSONS = 4
FILM_MS = 600_000
WORDS = "A rope that is to hold must first be laid well. " * 60
RECYCLED_AFTER = 25  # organizations: the maker's backend would keep the definitions of all that it has made


def make(number: int) -> dict[str, Any]:
    """Return a new organization: who may sign in, and what the learner is on."""
    made = provisioned(number)
    return {"number": number, **filled(made, number)}


def provisioned(number: int) -> UUID:
    """Sign up, prove the address, provision until active: the product's own steps, in this process."""
    from tests.support import organizations

    slug = f"school-{number}"
    return UUID(organizations.make(slug, f"School {number}", f"owner@{slug}.example", "Olga Owner"))


def filled(organization_id: UUID, number: int) -> dict[str, Any]:
    """Give the organization a course of four lessons with films and a learner who is enrolled and signed in."""
    from django.db import transaction

    import tenancy
    from apps.accounts.models import Member
    from apps.accounts.testing import join
    from apps.courses.tests.builders import Builder, film
    from apps.library.api import video_of
    from apps.progress.services import enrolling
    from bench import classroom
    from config.wsgi import application
    from core.actor import Actor
    from tenants.catalog import load

    record = load(organization_id)
    with tenancy.bind(record):
        author = Member.objects.order_by("created_at").values_list("id", flat=True)[0]
        learner = join(email=f"leo@school-{number}.example", name="Leo", role="learner", password="correct-horse-9-b")
        course = Builder(author, title="Rope work")
        films = [film(duration_ms=FILM_MS, owner=author, title=f"Film {place}") for place in range(LESSONS)]
        for place, video in enumerate(films):
            course.lesson(f"Lesson {place}", video=video, words=WORDS)
        course.publish()
        with transaction.atomic():
            enrollment, _ = enrolling.enroll_self(actor=Actor(member_id=learner, name="Leo"), course_id=course.course)
        browser = classroom.signed_in(application, record.host, learner)
        timeline = video_of(films[:1])[films[0]].timeline_id
    return {
        "id": str(organization_id),
        "schema": record.schema_name,
        "role": record.db_role,
        "host": record.host,
        "cookies": browser.cookies,
        "token": browser.token,
        "enrollment": str(enrollment.id),
        "lesson": str(course.lessons[0]),
        "timeline": str(timeline),
    }


def measured(meter: Backends, number: int) -> dict[str, Any]:
    """Make an organization and add what its provisioning cost: CPU of this process and its backends, and wall time."""
    begun, own, backend = time.perf_counter(), time.process_time(), meter.cpu_seconds()
    organization_id = provisioned(number)
    cost = {
        "own_ms": 1000 * (time.process_time() - own),
        "postgres_ms": 1000 * (meter.cpu_seconds() - backend),
        "wall_ms": 1000 * (time.perf_counter() - begun),
    }
    return {"number": number, **filled(organization_id, number), "cost": cost}


def main() -> None:
    """Make the numbers of the command line, or those that are asked for."""
    django.setup()
    from django.db import connection

    from bench.fleet.fleet import answering

    numbers = [int(number) for number in sys.argv[1:]]
    if not numbers:
        answering({"make": partial(measured, Backends())})
    for place, number in enumerate(numbers, 1):
        sys.stdout.write(json.dumps(make(number)) + "\n")
        sys.stdout.flush()
        if place % RECYCLED_AFTER == 0:
            connection.close()


if __name__ == "__main__":
    main()
