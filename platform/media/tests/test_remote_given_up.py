"""Encodes elsewhere that never end: given up after their time, told to the author, and billed once when tried again."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

import tenancy
from billing.api import TRANSCODE_SECONDS, usage
from core import clock
from events.models import OutboxMessage
from media import testing
from media.aws import mediaconvert
from media.aws.mediaconvert import ServiceAway
from media.aws.s3 import S3Store
from media.models import RemoteJob, TranscodeJob
from media.services import jobs, remote
from media.tests.test_remote import drain, finish, orders, published, sweep
from tests.support.mediaconvert import Server

if TYPE_CHECKING:
    from conftest import Person

FILM_SECONDS = 7  # six, and the rest of a frame


def pass_time(passed: timedelta, *, silent: bool = False) -> int:
    """Sweep, as if orders had been placed so long ago; unless ``silent``, the service was heard of just now."""
    with tenancy.platform():
        at = clock.now()
        RemoteJob.objects.filter(ended_at=None).update(
            asked_at=at - passed, look_at=at, heard_at=at - passed if silent else at
        )
        return remote.sweep()


def failures(asset_id: UUID) -> list[dict[str, object]]:
    """What the asset's owner was told."""
    with tenancy.platform():
        rows = OutboxMessage.objects.filter(type="lms.media.revision.failed.v1", payload__asset=str(asset_id))
        return list(rows.order_by("id").values_list("payload", flat=True))


def seconds_used() -> tuple[int, int]:
    found = usage(TRANSCODE_SECONDS)
    return found.used, found.reserved


TOO_LONG = timedelta(hours=2, seconds=12 * FILM_SECONDS + 60)


def test_an_encode_that_never_ends_is_called_off_and_the_author_tries_again(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    used, reserved = seconds_used()
    service.service.faults.hold_jobs = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    assert seconds_used() == (used, reserved + FILM_SECONDS)

    assert pass_time(TOO_LONG - timedelta(minutes=2)) == 0
    assert [job.status for job in service.service.jobs.values()] == ["SUBMITTED"]

    assert pass_time(TOO_LONG) == 1

    [order] = orders()
    assert order.state == "given_up"
    assert order.error_message.startswith("Given up after 2")
    assert [job.status for job in service.service.jobs.values()] == ["CANCELED"]
    job = TranscodeJob.objects.get(upload_id=info.id)
    assert (job.state, job.error_code) == ("failed", "never_ended")
    [told] = failures(info.asset_id)
    assert (told["code"], told["retryable"]) == ("never_ended", True)
    assert "press Retry" in str(told["detail"])
    assert seconds_used() == (used, reserved)
    # Nothing is tried again by itself, and what the service says of the end changes nothing.
    drain()
    assert pass_time(TOO_LONG) == 0
    assert len(failures(info.asset_id)) == 1

    service.service.faults.hold_jobs = False
    jobs.retry(info.asset_id)
    finish(service, info.asset_id)

    assert published(info.asset_id) == ["fast", "ladder"]
    assert seconds_used() == (used + FILM_SECONDS, reserved)


def test_a_film_may_take_longer_the_longer_it_is_and_the_setting_says_how_much(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path, settings: object
) -> None:
    service.service.faults.hold_jobs = True
    testing.upload(webm, member_id=avery.id)
    testing.work()
    with tenancy.platform():
        RemoteJob.objects.update(duration_ms=timedelta(hours=3) // timedelta(milliseconds=1))
    assert pass_time(timedelta(hours=37)) == 0
    settings.MEDIACONVERT_PATIENCE = 5  # type: ignore[attr-defined]
    assert pass_time(timedelta(hours=16)) == 0
    assert pass_time(timedelta(hours=18)) == 1
    assert [order.state for order in orders()] == ["given_up"]


@pytest.mark.parametrize("is_named", [True, False], ids=["its name is known", "its answer was lost, too"])
def test_one_whose_last_word_got_lost_is_published_however_late(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path, is_named: bool
) -> None:
    service.service.faults.keep_events = True
    service.service.faults.lose_answers = 0 if is_named else 10
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.faults.lose_answers = 0
    service.service.wait()

    assert pass_time(TOO_LONG, silent=True) == 1

    assert published(info.asset_id) == ["fast"]
    assert failures(info.asset_id) == []
    assert "CancelJob" not in service.service.calls


def test_one_that_ends_after_it_was_given_up_is_nobodys_and_is_not_billed(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    service: Server,
    webm: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The word to stop did not get through: the encode came to its end all the same, while the author tried again."""
    used, reserved = seconds_used()
    service.service.faults.hold_jobs = service.service.faults.keep_events = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    cancel = mediaconvert.cancel

    def away(remote_id: str) -> None:
        raise ServiceAway("no answer")

    monkeypatch.setattr(mediaconvert, "cancel", away)
    assert pass_time(TOO_LONG) == 1
    [order] = orders()
    assert (order.state, TranscodeJob.objects.get(upload_id=info.id).state) == ("accepted", "failed")
    monkeypatch.setattr(mediaconvert, "cancel", cancel)
    service.service.faults.hold_jobs = False
    service.service.go_on()
    service.service.wait()
    late = [json.dumps(event) for event in service.service.events]

    jobs.retry(info.asset_id)
    service.service.faults.keep_events = False
    for body in late:
        service.queues.send(service.events_url, body)
    finish(service, info.asset_id)
    sweep(after=timedelta(hours=1))

    order.refresh_from_db()
    assert order.state == "given_up"
    assert published(info.asset_id) == ["fast", "ladder"]
    assert len(failures(info.asset_id)) == 1
    assert seconds_used() == (used + FILM_SECONDS, reserved)


def test_while_the_service_does_not_answer_nothing_is_given_up(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, service: Server, webm: Path
) -> None:
    service.service.faults.hold_jobs = True
    info = testing.upload(webm, member_id=avery.id)
    testing.work()
    service.service.faults.throttle = 10
    assert pass_time(TOO_LONG) == 1
    assert [order.state for order in orders()] == ["accepted"]
    assert failures(info.asset_id) == []
    service.service.faults.throttle = 0
    assert pass_time(TOO_LONG) == 1
    assert [order.state for order in orders()] == ["given_up"]
