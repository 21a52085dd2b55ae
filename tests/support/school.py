"""A school of any size: people, courses, enrollments, watching and media of the bound organization.

Courses, lessons and enrollments are made by the product's services. People and learning events are written in bulk:
an archive is measured by its rows, and 50,000 requests would be measured with them.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import transaction

FILM_BYTES = 200_000


def fill(
    *, learners: int, courses: int, lessons: int, events: int, films: int = 2, film_bytes: int = FILM_BYTES
) -> None:
    """Fill the bound organization."""
    from apps.accounts.models import Member
    from apps.courses.tests.builders import Builder, film

    author = Member.objects.order_by("created_at").values_list("id", flat=True)[0]
    people = _people(learners)
    made = []
    for number in range(courses):
        course = Builder(author, title=f"Course {number}")
        video = film(duration_ms=600_000, owner=author, title=f"Film {number}")
        for place in range(lessons):
            words = f'Lesson {place} says "a\\b", ünïcode, tabs\tand more. ' * 20
            course.lesson(f"Lesson {number}.{place}", video=video, words=words)
        course.publish()
        made.append(course)
    enrollments = _enroll(people, [course.course for course in made])
    _events(enrollments, {course.course: course.lessons for course in made}, events)
    _media(films, film_bytes)


def _people(count: int) -> list[UUID]:
    from django.contrib.auth.hashers import make_password

    from apps.accounts.models import Member, RoleAssignment
    from core.ids import new_id

    password = make_password("correct-horse-battery-9")
    rows = [
        Member(id=new_id(), name=f"Learner {number}", email=f"learner-{number}@people.example", password=password)
        for number in range(count)
    ]
    with transaction.atomic():
        Member.objects.bulk_create(rows, batch_size=500)
        RoleAssignment.objects.bulk_create(
            [RoleAssignment(member_id=row.id, role="learner") for row in rows], batch_size=500
        )
    return [row.id for row in rows]


def _enroll(people: list[UUID], courses: list[UUID]) -> list[tuple[UUID, UUID]]:
    from apps.progress.services import enrolling
    from core.actor import Actor

    found = []
    for member_id in people:
        with transaction.atomic():
            for course_id in courses:
                actor = Actor(member_id=member_id, name="")
                enrollment, _ = enrolling.enroll_self(actor=actor, course_id=course_id)
                found.append((enrollment.id, course_id))
    return found


def _events(enrollments: list[tuple[UUID, UUID]], lessons: dict[UUID, list[UUID]], count: int) -> None:
    from apps.progress.models import LearningEvent
    from core.clock import now
    from core.ids import new_id

    begun = now()
    rows = []
    for number in range(count):
        enrollment, course = enrollments[number % len(enrollments)]
        items = lessons[course]
        rows.append(
            LearningEvent(
                id=new_id(),
                enrollment_id=enrollment,
                item_id=items[number % len(items)],
                verb="initialized" if number % 2 else "completed",
                placement_no=1,
                occurred_at=begun - timedelta(seconds=number),
                payload={"n": number, "words": 'a "quoted" \\ word', "nested": {"list": [1, 2.5, None, True]}},
            )
        )
    with transaction.atomic():
        LearningEvent.objects.bulk_create(rows, batch_size=1000)


def _media(films: int, film_bytes: int) -> None:
    """Uploads and encodes as the media service leaves them: rows, objects, and bytes counted."""
    import tenancy
    from billing import api as billing
    from core.ids import new_id
    from core.objects import object_store
    from media.models import Revision, StorageEntry, TranscodeJob, Upload

    organization, store = tenancy.current(), object_store()
    for number in range(films):
        upload, asset, rev, job = new_id(), new_id(), new_id(), new_id()
        content = _noise(f"{organization.id}:{number}", film_bytes)
        source, made = f"t/{organization.id}/in/{upload}", f"t/{organization.id}/v/{asset}/{rev}/"
        store.put_bytes(source, content, content_type="video/mp4")
        store.put_bytes(f"{made}master.m3u8", b"#EXTM3U\n", content_type="application/vnd.apple.mpegurl")
        store.put_bytes(
            f"{made}v/0.mp4", content[: film_bytes // 2], content_type="video/mp4", cache_control="max-age=1"
        )
        held = film_bytes + 8 + film_bytes // 2
        with transaction.atomic():
            Upload.objects.bulk_create(
                [
                    Upload(
                        id=upload, organization_id=organization.id, member_id=new_id(), asset_id=asset, key=source,
                        name=f"film-{number}.mp4", content_type="video/mp4", fingerprint=str(upload),
                        size_bytes=film_bytes, part_bytes=1 << 24, parts=1, state="received", reservation_id=new_id(),
                        expires_at="2030-01-01T00:00:00Z",
                    )
                ]
            )  # fmt: skip
            TranscodeJob.objects.bulk_create(
                [
                    TranscodeJob(
                        id=job, organization_id=organization.id, asset_id=asset, upload_id=upload, rev_id=rev,
                        stage="ladder", state="done",
                    )
                ]
            )  # fmt: skip
            Revision.objects.bulk_create(
                [
                    Revision(
                        id=rev, organization_id=organization.id, asset_id=asset, upload_id=upload, job_id=job,
                        stage="ladder", state="published", bytes=film_bytes // 2, renditions=[{"name": "v"}],
                    )
                ]
            )  # fmt: skip
            StorageEntry.objects.bulk_create(
                [
                    StorageEntry(
                        organization_id=organization.id, object_prefix=source, kind="source", delta_bytes=held,
                        ref_id=upload,
                    )
                ]
            )  # fmt: skip
            billing.add(meter=billing.STORAGE_BYTES, delta=held)
    store.put_bytes(f"p/{organization.id}/logo.png", b"logo of " + organization.name.encode(), content_type="image/png")


def _noise(seed: str, size: int) -> bytes:
    """Bytes that do not compress, the same each time."""
    block = b"".join(hashlib.sha256(f"{seed}:{at}".encode()).digest() for at in range(2048))
    return (block * (size // len(block) + 1))[:size]
