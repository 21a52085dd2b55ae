"""Orders that break, are slow or were placed twice: they keep nobody from the others, and nothing is paid for twice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from botocore.exceptions import ClientError

import tenancy
from core.clock import now
from core.ids import new_id
from media import prefixes
from media.aws import mediaconvert, mediaconvert_job
from media.aws.mediaconvert import Said, ServiceAway
from media.aws.queue import Message
from media.aws.s3 import S3Store
from media.models import RemoteJob
from media.services import gather, remote, remote_events
from media.transcoding.commands import Variant
from media.transcoding.errors import ResourceShortage
from tenancy.errors import TenantUnavailable

VARIANT = Variant("360p", "picture", 640, 360, 25.0, 400)


def order(organization_id: UUID, *, state: str = "asked", remote_id: str = "", **more: Any) -> RemoteJob:
    """An order whose lease is nobody's."""
    row = RemoteJob(
        organization_id=organization_id,
        asset_id=new_id(),
        upload_id=new_id(),
        job_id=new_id(),
        rev_id=new_id(),
        stage="ladder",
        fence=1,
        token=str(new_id()),
        request={"Settings": {"Inputs": [{"FileInput": "s3://media/x"}]}},
        renditions=[asdict(VARIANT)],
        duration_ms=60_000,
        state=state,
        remote_id=remote_id,
        look_at=now() - timedelta(minutes=1),
        **more,
    )
    with tenancy.platform():
        RemoteJob.objects.bulk_create([row])
    return row


def the(row: RemoteJob) -> RemoteJob:
    with tenancy.platform():
        return RemoteJob.objects.get(id=row.id)


def said(remote_id: str, status: str = "PROGRESSING") -> Said:
    return Said(remote_id, status, None, None, "")


@pytest.fixture
def cancelled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the service was told to stop."""
    found: list[str] = []
    monkeypatch.setattr(mediaconvert, "cancel", found.append)
    return found


def test_an_order_that_breaks_stops_none_behind_it(acme: tenancy.TenantRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    first = order(acme.id, state="running", remote_id="first")
    second = order(acme.id, state="running", remote_id="second")
    with tenancy.platform():
        RemoteJob.objects.filter(id=first.id).update(look_at=now() - timedelta(hours=1))

    def breaks(remote_id: str) -> None:
        if remote_id == "first":
            raise IndexError("what nobody thought of")

    monkeypatch.setattr(mediaconvert, "cancel", breaks)
    with tenancy.platform():
        assert remote.sweep() == 2
    assert the(first).state == "running"
    assert the(second).state == "given_up"


@pytest.mark.parametrize("finish", ["settle", "fold"])
def test_an_organization_that_can_not_be_entered_keeps_its_order(
    acme: tenancy.TenantRecord, monkeypatch: pytest.MonkeyPatch, finish: str
) -> None:
    """It is suspended, or on its way to another cell: what is complete is published when it is back."""
    row = order(acme.id, state="complete" if finish == "settle" else "running", remote_id="r")

    def refused(organization_id: UUID) -> None:
        raise TenantUnavailable

    with tenancy.platform():
        monkeypatch.setattr(remote.tenancy, "bind", refused)
        if finish == "settle":
            remote.settle(row.id)
        else:
            remote.fold(row.id, said("r", "ERROR"))
        monkeypatch.undo()
    assert the(row).state == row.state


@pytest.mark.parametrize(
    ("renditions", "playlist"),
    [
        ([asdict(VARIANT)], '#EXT-X-MAP:URI="i.mp4"\n#EXTINF:1.2.3,\na.m4s\n'),
        ([asdict(VARIANT)], '#EXT-X-MAP:URI="i.mp4"\n#EXTINF:2.0,\na.m4s\n'),
        ([{**asdict(VARIANT), "of_a_later_release": 1}], ""),
    ],
    ids=["a playlist without a number", "a box cut short", "a rendition of another release"],
)
def test_whatever_the_service_left_is_an_error_of_the_try(
    acme: tenancy.TenantRecord, store: S3Store, renditions: list[dict[str, Any]], playlist: str
) -> None:
    row = order(acme.id, state="complete", remote_id="r")
    row.renditions = renditions
    prefix = prefixes.revision_prefix(row.organization_id, row.asset_id, row.rev_id)
    # An audio track whose descriptor ends in the middle (ISO/IEC 14496-1, 7.2.6).
    for name, body in {
        mediaconvert_job.playlist_of(VARIANT): playlist.encode(),
        "i.mp4": CUT_SHORT,
        "a.m4s": b"-",
    }.items():
        store.put_bytes(prefix + name, body, content_type="video/mp4")
    with pytest.raises(ResourceShortage):
        gather.gather(row)


def _box(kind: bytes, body: bytes) -> bytes:
    return (len(body) + 8).to_bytes(4, "big") + kind + body


_SAMPLE = bytes(28) + _box(b"esds", b"\0\0\0\0\x03\x80")
_TABLE = _box(b"stsd", bytes(4) + (1).to_bytes(4, "big") + _box(b"mp4a", _SAMPLE))
CUT_SHORT = _box(
    b"moov", _box(b"trak", _box(b"mdia", _box(b"minf", _box(b"stbl", _TABLE))))
)  # fmt: skip


def test_a_slow_look_leaves_those_behind_it_to_whoever_comes(
    acme: tenancy.TenantRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = order(acme.id)
    second = order(acme.id)
    with tenancy.platform():
        RemoteJob.objects.filter(id=first.id).update(look_at=now() - timedelta(hours=1))
    looked: list[UUID] = []

    with time_machine.travel(now(), tick=False) as clock:

        def slow(row: RemoteJob) -> None:
            looked.append(row.id)
            if len(looked) == 1:
                clock.shift(remote.AGAIN - timedelta(seconds=1))
                remote.sweep()
                clock.shift(timedelta(seconds=2))
                remote.sweep()

        monkeypatch.setattr(remote, "_look", slow)
        with tenancy.platform():
            remote.sweep()
    assert looked.count(second.id) == 1


def test_the_second_job_of_an_order_is_called_off(acme: tenancy.TenantRecord, cancelled: list[str]) -> None:
    row = order(acme.id)
    other = the(row)
    with tenancy.platform():
        assert remote._name(row, said("one")) is True
        assert remote._name(other, said("two")) is False
        assert cancelled == ["two"]
        assert remote._name(other, said("one")) is True, "found again by who asked twice"
    assert cancelled == ["two"]
    assert (the(row).remote_id, the(row).state) == ("one", "accepted")
    assert other.remote_id == "one", "whoever goes on with it calls off the one that it has"


def test_a_second_job_says_nothing_of_the_order(
    acme: tenancy.TenantRecord, cancelled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    row = order(acme.id)
    late = the(row)
    monkeypatch.setattr(mediaconvert, "find", lambda **_: said("two", "CANCELED"))
    with tenancy.platform():
        remote._name(row, said("one"))
        remote._ask_again(late)
    assert (the(row).remote_id, the(row).state) == ("one", "accepted")


def test_an_early_event_comes_again_until_its_order_was_looked_for(
    acme: tenancy.TenantRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Handed out eight times, it is dead: by then the sweep has asked for the lost answer."""
    order(acme.id)
    waits: list[int] = []
    monkeypatch.setattr(remote_events.queue, "hand_back", lambda url, message, *, seconds: waits.append(seconds))
    body = (
        '{"source": "aws.mediaconvert", "detail-type": "MediaConvert Job State Change",'
        ' "detail": {"jobId": "early", "status": "COMPLETE"}}'
    )
    for received in range(1, 9):
        with tenancy.platform():
            assert not remote_events._take("url", Message("m", body, "r", received))
    assert sum(waits[:-1]) >= (remote.AGAIN + timedelta(minutes=2)).total_seconds()
    assert max(waits) <= 120


class _Conflicting:
    """A service that will not cancel a job that stands so."""

    def __init__(self, status: str) -> None:
        self.status = status

    def cancel_job(self, **_: str) -> None:
        raise ClientError({"Error": {"Code": "ConflictException", "Message": "no"}}, "CancelJob")

    def get_job(self, **given: str) -> dict[str, Any]:
        return {"Job": {"Id": given["Id"], "Status": self.status}}


def test_a_job_that_ended_before_it_was_called_off_is_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mediaconvert, "client", lambda: _Conflicting("COMPLETE"))
    mediaconvert.cancel("r")
    monkeypatch.setattr(mediaconvert, "client", lambda: _Conflicting("PROGRESSING"))
    with pytest.raises(ServiceAway):
        mediaconvert.cancel("r")
