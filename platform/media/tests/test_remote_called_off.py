"""Encodes elsewhere that nobody wants any more: the service is told to stop, and what it left goes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import tenancy
from billing.api import STORAGE_BYTES, usage
from core import clock
from media import testing
from media.aws import mediaconvert
from media.aws.s3 import S3Store
from media.models import Revision
from media.services import discard, revisions
from media.tests.test_remote import drain, orders, published, sweep
from tests.support.mediaconvert import Server

if TYPE_CHECKING:
    from conftest import Person


def test_a_deleted_films_job_is_called_off_and_what_it_made_is_purged(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    service: Server,
    webm: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = usage(STORAGE_BYTES).used
    service.service.faults.hold_jobs = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    discard.discard(info.asset_id)

    assert sweep() == 1

    [order] = orders()
    assert order.state == "given_up"
    assert [job.status for job in service.service.jobs.values()] == ["CANCELED"]
    drain()
    assert published(info.asset_id) == []
    with tenancy.platform():
        Revision.objects.update(ended_at=clock.now() - timedelta(days=3))
        due = revisions.due_for_purge()
    for _, rev_id in due:
        revisions.purge(rev_id)
    assert list(store.list(f"t/{acme.id}/v/{info.asset_id}/")) == []
    assert usage(STORAGE_BYTES).used == before


def test_a_film_deleted_while_its_job_is_placed_is_not_encoded(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    service: Server,
    webm: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    service.service.faults.hold_jobs = True
    info = testing.upload(webm, member_id=avery.id)
    create = mediaconvert.create

    def slow(request: dict[str, Any]) -> mediaconvert.Said:
        discard.discard(info.asset_id)
        assert sweep() == 1
        return create(request)

    monkeypatch.setattr(mediaconvert, "create", slow)
    testing.work()

    assert [order.state for order in orders()] == ["given_up"]
    assert [job.status for job in service.service.jobs.values()] == ["CANCELED"]
