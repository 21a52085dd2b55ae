"""What the front door sends is what is counted: real requests through the real front door, to the byte."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

import tenancy
from billing.models import UsageDay
from core.ids import new_id
from media import api as media
from media.models import Revision
from media.services import delivery
from tests.contracts.edge_stack import SEGMENT, EdgeStack, Film, running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("front")


@pytest.fixture(scope="module")
def stack(folder: Path, world: object, django_db_blocker: pytest.FixtureRequest) -> Iterator[EdgeStack]:
    with django_db_blocker.unblock(), running(folder) as made:  # type: ignore[attr-defined]
        yield made


def _film(stack: EdgeStack, acme: tenancy.TenantRecord) -> Film:
    film = stack.film(acme.id, acme.host)
    with tenancy.platform():
        Revision.objects.create(
            id=film.rev, organization_id=acme.id, asset_id=film.asset, upload_id=new_id(), job_id=new_id(),
            stage="ladder", state=Revision.State.PUBLISHED, published_at="2026-01-01T00:00:00Z",
        )  # fmt: skip
    return film


def _cookies(film: Film, course: UUID | None) -> dict[str, str]:
    given = media.grant(
        member_id=new_id(), asset_id=film.asset, right="enrollment", right_id=new_id(), course_id=course
    )
    return {cookie.name: cookie.value for cookie in given.cookies}


def _lines(log: Path, least: int, of: str = "") -> list[str]:
    """Return the lines about ``of`` once there are so many: the front door writes them behind its answers."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if log.exists() and len(found := [line for line in log.read_text().splitlines() if of in line]) >= least:
            return found
        time.sleep(0.02)
    raise AssertionError("the front door wrote no such lines")


def _counted(acme: tenancy.TenantRecord) -> Counter[UUID | None]:
    """Return the bytes that the usage has of each course, whatever their day."""
    with tenancy.platform():
        rows = UsageDay.objects.filter(organization_id=acme.id, meter="delivered_bytes")
        found: Counter[UUID | None] = Counter()
        for course, amount in rows.values_list("course_id", "amount"):
            found[course] += amount
    return found


def test_bytes_on_the_wire_are_bytes_in_the_usage(
    stack: EdgeStack, folder: Path, acme: tenancy.TenantRecord, settings: Settings
) -> None:
    film, course = _film(stack, acme), new_id()
    learner, author = _cookies(film, course), _cookies(film, None)

    whole = stack.get(film.path(), film.host, learner)
    part = stack.get(film.path(), film.host, learner, range="bytes=100-1099")
    preview = stack.get(film.path("master.m3u8"), film.host, author)
    refused = stack.get(film.path(), film.host)
    head = stack.get(film.path(), film.host, learner, method="HEAD")
    missing = stack.get(film.path("seg/9.m4s"), film.host, learner)
    stack.get("/media/none", film.host)
    assert [answer.status_code for answer in (whole, part, preview, refused, head, missing)] == [
        200, 206, 200, 403, 200, 404,
    ]  # fmt: skip

    lines = _lines(folder / "delivery" / "media.log", 6, of=str(film.asset))
    assert len(lines) == 6, "a line for each request below /media/t/"
    assert not [line for line in _lines(folder / "delivery" / "media.log", 6) if "/media/none" in line], "and no other"
    for secret in ("Cookie", "Signature", "CloudFront", "remote_ip", "client_ip", "User-Agent"):
        assert secret not in "".join(lines), secret

    settings.DELIVERY_LOGS = str(folder / "delivery")
    before = _counted(acme)
    delivery._done.clear()
    with tenancy.platform():
        delivery.count_all()
    delivery._done.clear()
    counted = _counted(acme) - before
    assert counted[course] == len(SEGMENT) + 1000
    assert counted[None] == len(preview.content)


def test_a_poster_is_sent_by_its_own_address_and_of_that_nothing_is_kept(
    stack: EdgeStack, folder: Path, acme: tenancy.TenantRecord
) -> None:
    film = _film(stack, acme)
    url = media.poster_urls({film.asset: film.rev})[film.asset]
    answer = stack.get(url, film.host)
    assert answer.status_code == 200
    [line] = _lines(folder / "delivery" / "media.log", 1, of=str(film.asset))
    assert "poster.jpg" in line
    assert "Signature" not in line
