"""What the front door sends is what is counted: real requests through the real front door, to the byte."""

from __future__ import annotations

import time
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


def _lines(log: Path, least: int) -> list[str]:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if log.exists() and len(found := log.read_text().splitlines()) >= least:
            return found
        time.sleep(0.02)
    raise AssertionError("the front door wrote no such lines")


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

    lines = _lines(folder / "delivery" / "media.log", 6)
    assert len(lines) == 6, "a line for each request below /media/t/, and none for others"
    for secret in ("Cookie", "Signature", "CloudFront", "remote_ip", "client_ip", "User-Agent"):
        assert secret not in "".join(lines), secret

    settings.DELIVERY_LOGS = str(folder / "delivery")
    delivery._done.clear()
    with tenancy.platform():
        delivery.count_all()
        rows = UsageDay.objects.filter(organization_id=acme.id, meter="delivered_bytes")
        counted = dict(rows.values_list("course_id", "amount"))
    delivery._done.clear()
    assert counted[course] == len(SEGMENT) + 1000
    assert counted[None] == len(preview.content)


def test_a_poster_is_sent_by_its_own_address_and_of_that_nothing_is_kept(
    stack: EdgeStack, folder: Path, acme: tenancy.TenantRecord
) -> None:
    film = _film(stack, acme)
    url = media.poster_urls({film.asset: film.rev})[film.asset]
    answer = stack.get(url, film.host)
    assert answer.status_code == 200
    last = _lines(folder / "delivery" / "media.log", 1)[-1]
    assert "poster.jpg" in last
    assert "Signature" not in last
