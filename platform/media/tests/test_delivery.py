"""Delivered bytes from logs: whole lines once, whichever name the log has; what sent nothing counts nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

import tenancy
from billing.models import Quota, UsageDay
from core.clock import now
from core.ids import new_id
from media.models import PlaybackSession
from media.services import delivery

AT = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, settings: Settings, acme: tenancy.TenantRecord) -> Iterator[Path]:
    settings.DELIVERY_LOGS = str(tmp_path)
    delivery._done.clear()
    with tenancy.platform():
        UsageDay.objects.filter(organization_id=acme.id).delete()
    yield tmp_path
    delivery._done.clear()


def line(organization_id: UUID, size: int, *, grant: str = "", at: datetime = AT, **changed: Any) -> str:
    """A line as the front door writes it."""
    uri = f"/media/t/{organization_id}/v/{new_id()}/{new_id()}/seg/1.m4s"
    said = {"ts": at.timestamp(), "request": {"method": "GET", "uri": uri}, "status": 200, "size": size, "grant": grant}
    return json.dumps({**said, **changed}) + "\n"


def run() -> int:
    with tenancy.platform():
        return delivery.count_all()


def counted(organization: tenancy.TenantRecord) -> dict[UUID | None, int]:
    with tenancy.platform():
        rows = UsageDay.objects.filter(organization_id=organization.id, meter="delivered_bytes")
        return dict(rows.values_list("course_id", "amount"))


def test_what_was_sent_is_counted_once_however_often_one_looks(folder: Path, acme: tenancy.TenantRecord) -> None:
    log = folder / "media.log"
    log.write_text(line(acme.id, 100) + line(acme.id, 20, status=206))
    assert run() == log.stat().st_size
    assert run() == 0
    delivery._done.clear()
    assert run() == 0
    with log.open("a") as file:
        file.write(line(acme.id, 3))
    run()
    assert counted(acme) == {None: 123}


def test_a_line_that_is_not_whole_yet_waits(folder: Path, acme: tenancy.TenantRecord) -> None:
    log, more = folder / "media.log", line(acme.id, 20)
    log.write_text(line(acme.id, 100) + more[:30])
    run()
    assert counted(acme) == {None: 100}
    with log.open("a") as file:
        file.write(more[30:])
    run()
    assert counted(acme) == {None: 120}


def test_a_log_that_is_rolled_goes_on_under_its_new_name(folder: Path, acme: tenancy.TenantRecord) -> None:
    log = folder / "media.log"
    log.write_text(line(acme.id, 100))
    run()
    with log.open("a") as file:
        file.write(line(acme.id, 20))
    log.rename(folder / "media-2026-11-18T12-00-00.000.log")
    log.write_text(line(acme.id, 3))
    run()
    assert counted(acme) == {None: 123}


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 403},
        {"status": 404},
        {"status": 304, "size": 0},
        {"size": "much"},
        {"size": -5},
        {"request": {"uri": "/media/t/../../etc/passwd"}},
        {"request": {"uri": "/media/p/x.png"}},
        {"request": None},
        {"ts": "yesterday"},
    ],
)
def test_what_sent_nothing_or_says_nothing_counts_nothing(
    folder: Path, acme: tenancy.TenantRecord, changed: dict[str, Any]
) -> None:
    log = folder / "media.log"
    log.write_text("not json\n[]\n" + line(acme.id, **{"size": 100, **changed}) + line(acme.id, 7))
    assert run() == log.stat().st_size
    assert counted(acme) == {None: 7}


def test_bytes_count_for_the_course_whose_grant_let_them_through(
    folder: Path, acme: tenancy.TenantRecord, globex: tenancy.TenantRecord
) -> None:
    course, moment = new_id(), now()
    session = {"organization_id": acme.id, "member_id": new_id(), "asset_id": new_id(), "rev_id": new_id()}
    with tenancy.platform():
        PlaybackSession.objects.create(
            **session, right="enrollment", course_id=course, policy_hash="b" * 64, policy_before="a" * 64,
            ends_at=moment + timedelta(minutes=10),
        )  # fmt: skip
        PlaybackSession.objects.create(**session, right="library", policy_hash="c" * 64, ends_at=moment)
    lines = [
        line(acme.id, 1, grant="a" * 64, at=moment),
        line(acme.id, 20, grant="b" * 64, at=moment),
        line(acme.id, 300, grant="c" * 64, at=moment),
        line(acme.id, 4000, grant="d" * 64, at=moment),
        # Another organization's grant says nothing of this one's courses.
        line(globex.id, 50_000, grant="b" * 64, at=moment),
    ]
    (folder / "media.log").write_text("".join(lines))
    run()
    assert counted(acme) == {course: 21, None: 4300}
    assert counted(globex) == {None: 50_000}


def test_a_long_log_is_counted_in_pieces_and_to_its_end(
    folder: Path, acme: tenancy.TenantRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "CHUNK_BYTES", 1000)
    monkeypatch.setattr(delivery, "A_RUN_BYTES", 2000)
    log = folder / "media.log"
    log.write_text("".join(line(acme.id, 1) for _ in range(100)))
    runs = 0
    while run():
        runs += 1
    assert runs > 5
    assert counted(acme) == {None: 100}


def test_without_logs_nothing_is_measured(folder: Path, settings: Settings, acme: tenancy.TenantRecord) -> None:
    settings.DELIVERY_LOGS = ""
    (folder / "media.log").write_text(line(acme.id, 100))
    assert run() == 0
    assert counted(acme) == {}
    assert Quota.objects.get(organization_id=acme.id, meter="delivered_bytes").used == 0
