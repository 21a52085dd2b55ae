"""Fills organizations of a fleet with a class each: learners who are signed in, and their owner.

Run as the owning login.

Reads the roster on standard input, ``{"roster": […], "learners": n}``; prints one JSON line a person.
"""

from __future__ import annotations

import json
import sys
from typing import Any
from uuid import UUID

import django

LESSONS = 6
FILM_MS = 600_000
WORDS = "A rope that is to hold must first be laid well. " * 60


def fill(one: dict[str, Any], learners: int) -> list[dict[str, Any]]:
    """Give an organization a course of six lessons with films and ``learners`` on it; return who they are."""
    from django.db import transaction

    import tenancy
    from apps.accounts.models import Member
    from apps.accounts.testing import join
    from apps.courses.tests.builders import Builder
    from apps.library.api import video_of
    from apps.progress.services import enrolling
    from bench import classroom
    from config.wsgi import application
    from core.actor import Actor
    from tenants.catalog import load

    record = load(UUID(one["id"]))
    found = []
    with tenancy.bind(record):
        author = Member.objects.order_by("created_at").values_list("id", flat=True)[0]
        films = [_playable(author, place) for place in range(LESSONS)]
        course = Builder(author, title="Knots that hold")
        for place, video in enumerate(films):
            course.lesson(f"Lesson {place}", video=video, words=WORDS)
        course.publish()
        timelines = [str(video_of([film])[film].timeline_id) for film in films]
        owner = classroom.signed_in(application, record.host, author)
        for number in range(learners):
            email = f"learner-{number}@school-{one['number']}.example"
            member = join(email=email, name=f"Learner {number}", role="learner", password="correct-horse-9-b")
            with transaction.atomic():
                actor = Actor(member_id=member, name=f"Learner {number}")
                enrollment, _ = enrolling.enroll_self(actor=actor, course_id=course.course)
            browser = classroom.signed_in(application, record.host, member)
            found.append(
                {
                    "number": one["number"],
                    "host": record.host,
                    "learner": {"cookies": browser.cookies, "token": browser.token},
                    "owner": {"cookies": owner.cookies, "token": owner.token},
                    "course": str(course.course),
                    "enrollment": str(enrollment.id),
                    "lessons": [str(item) for item in course.lessons],
                    "timelines": timelines,
                }
            )
    return found


def _playable(author: UUID, place: int) -> UUID:
    """A film that a grant can be had for. No segment is fetched: serving those is the front door's bench."""
    import tenancy
    from apps.courses.tests.builders import film
    from core.clock import now
    from core.ids import new_id
    from media.models import Revision

    found = film(duration_ms=FILM_MS, owner=author, title=f"Film {place}")
    Revision.objects.bulk_create(
        [
            Revision(
                organization_id=tenancy.current().id,
                asset_id=found,
                upload_id=new_id(),
                job_id=new_id(),
                stage="ladder",
                state=Revision.State.PUBLISHED,
                published_at=now(),
                duration_ms=FILM_MS,
            )
        ]
    )
    return found


def main() -> None:
    """Fill every organization that standard input names."""
    django.setup()
    asked = json.load(sys.stdin)
    for one in asked["roster"]:
        for person in fill(one, asked["learners"]):
            sys.stdout.write(json.dumps(person) + "\n")


if __name__ == "__main__":
    main()
