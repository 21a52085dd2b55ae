"""Uploads: parts straight into the store, completed and verified by us, bytes held from the first to the last."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

import tenancy
from billing.api import STORAGE_BYTES, set_limit, usage
from billing.errors import QuotaExceeded
from core.clock import now
from core.ids import new_id
from media import duties, testing
from media.aws.s3 import S3Store
from media.dto import UploadInfo
from media.errors import UploadEnded, UploadIncomplete, UploadNotFound, UploadSizeRefused, UploadTypeRefused
from media.models import StorageEntry, TranscodeJob, Upload
from media.services import uploads
from media.storage import ObjectGone

if TYPE_CHECKING:
    from conftest import Person

MIB = 1024 * 1024
CONTENT = bytes(range(256)) * (20 * MIB // 256) + b"the end"


def opened(member: Person, content: bytes = CONTENT, fingerprint: str = "film:1") -> UploadInfo:
    upload_id = uploads.open_upload(
        member_id=member.id,
        asset_id=new_id(),
        name="film.mp4",
        content_type="video/mp4",
        fingerprint=fingerprint,
        size_bytes=len(content),
    )
    return uploads.begin(upload_id)


def test_a_file_goes_up_in_parts_and_comes_out_whole(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    before = usage(STORAGE_BYTES)
    info = opened(avery)
    assert (info.parts, info.part_bytes) == (3, 8 * MIB)
    assert usage(STORAGE_BYTES).reserved == before.reserved + len(CONTENT)

    testing.put_parts(info, CONTENT, member_id=avery.id, numbers=range(1, 4))
    asset_id = uploads.complete(info.id, member_id=avery.id)

    row = Upload.objects.get(id=info.id)
    assert row.key == f"t/{acme.id}/in/{info.id}"
    assert store.read(row.key) == CONTENT
    assert row.state == "received"
    assert usage(STORAGE_BYTES).used == before.used + len(CONTENT)
    assert usage(STORAGE_BYTES).reserved == before.reserved
    assert TranscodeJob.objects.get(asset_id=asset_id).stage == "first"


def test_completing_twice_is_completing_once(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    before = usage(STORAGE_BYTES).used
    info = opened(avery)
    testing.put_parts(info, CONTENT, member_id=avery.id, numbers=range(1, 4))

    first = uploads.complete(info.id, member_id=avery.id)
    assert uploads.complete(info.id, member_id=avery.id) == first

    assert usage(STORAGE_BYTES).used == before + len(CONTENT)
    assert TranscodeJob.objects.filter(upload_id=info.id).count() == 1


def test_an_upload_goes_on_where_it_was(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    info = opened(avery)
    testing.put_parts(info, CONTENT, member_id=avery.id, numbers=range(1, 3))

    found = uploads.find_open(member_id=avery.id, fingerprint="film:1", size_bytes=len(CONTENT))
    assert found is not None
    assert found.id == info.id
    assert [part.number for part in found.received] == [1, 2]
    with pytest.raises(UploadIncomplete) as refusal:
        uploads.complete(info.id, member_id=avery.id)
    assert refusal.value.members["missing"] == [3]

    testing.put_parts(info, CONTENT, member_id=avery.id, numbers=range(3, 4))
    uploads.complete(info.id, member_id=avery.id)


def test_the_same_file_in_two_tabs_is_one_upload(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    before = usage(STORAGE_BYTES).reserved
    opened(avery)
    with pytest.raises(UploadEnded):
        opened(avery)
    assert usage(STORAGE_BYTES).reserved == before + len(CONTENT)


@pytest.mark.parametrize("forge", ["body", "length"])
def test_the_store_takes_only_what_was_signed(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, forge: str
) -> None:
    info = opened(avery)
    body = CONTENT[: info.part_bytes]
    [part] = uploads.sign_parts(info.id, member_id=avery.id, parts=[(1, testing.sha256(body))])
    forged = b"x" + body[1:] if forge == "body" else body[:-1]

    with pytest.raises(OSError):
        testing.put(part.url, forged, part.headers)
    assert uploads.get(info.id, member_id=avery.id).received == ()


def test_nobody_elses_upload_can_be_touched(
    acme: tenancy.TenantRecord, avery: Person, alice: Person, store: S3Store
) -> None:
    info = opened(avery)
    for call in (
        lambda: uploads.get(info.id, member_id=alice.id),
        lambda: uploads.sign_parts(info.id, member_id=alice.id, parts=[(1, "a" * 44)]),
        lambda: uploads.complete(info.id, member_id=alice.id),
        lambda: uploads.abort(info.id, member_id=alice.id),
    ):
        with pytest.raises(UploadNotFound):
            call()


def test_another_organization_sees_nothing(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, avery: Person, store: S3Store
) -> None:
    info = opened(avery)
    with tenancy.bind(globex), pytest.raises(UploadNotFound):
        uploads.get(info.id, member_id=avery.id)


def test_cancelling_gives_the_bytes_back_once(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    before = usage(STORAGE_BYTES).reserved
    info = opened(avery)
    testing.put_parts(info, CONTENT, member_id=avery.id, numbers=range(1, 2))

    uploads.abort(info.id, member_id=avery.id)
    uploads.abort(info.id, member_id=avery.id)

    assert usage(STORAGE_BYTES).reserved == before
    with pytest.raises(UploadEnded):
        uploads.complete(info.id, member_id=avery.id)


def test_a_full_quota_refuses_before_a_byte_is_sent(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    with tenancy.platform():
        set_limit(acme.id, STORAGE_BYTES, 1000)
    with pytest.raises(QuotaExceeded):
        opened(avery)
    assert Upload.objects.filter(member_id=avery.id, state="open").count() == 0


@pytest.mark.parametrize(
    ("size", "kind", "refusal"),
    [
        (0, "video/mp4", UploadSizeRefused),
        (51 * 1024**3, "video/mp4", UploadSizeRefused),
        (10, "text/html", UploadTypeRefused),
        (10, "image/png", UploadTypeRefused),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(
    acme: tenancy.TenantRecord, avery: Person, size: int, kind: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        uploads.open_upload(
            member_id=avery.id, asset_id=new_id(), name="x", content_type=kind, fingerprint="x", size_bytes=size
        )


def test_a_crash_after_the_store_completed_is_finished_by_the_sweeper(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store
) -> None:
    info = opened(avery)
    testing.put_parts(info, CONTENT, member_id=avery.id, numbers=range(1, 4))
    row = Upload.objects.get(id=info.id)
    store.complete_upload(row.key, row.s3_upload_id, store.parts(row.key, row.s3_upload_id))
    Upload.objects.filter(id=info.id).update(state="completing", state_changed_at=now() - 2 * uploads.STUCK)

    with tenancy.platform():
        assert (acme.id, info.id, "completing") in uploads.due_for_sweep()
    uploads.resume_completing(info.id)

    assert Upload.objects.get(id=info.id).state == "received"


def test_an_upload_that_nobody_finished_is_given_up(acme: tenancy.TenantRecord, avery: Person, store: S3Store) -> None:
    before = usage(STORAGE_BYTES).reserved
    info = opened(avery)
    with tenancy.platform():
        Upload.objects.filter(id=info.id).update(expires_at=now() - uploads.STUCK)
        assert (acme.id, info.id, "open") in uploads.due_for_sweep()

    uploads.expire(info.id)

    assert Upload.objects.get(id=info.id).state == "aborted"
    assert usage(STORAGE_BYTES).reserved == before


def test_the_ledger_equals_what_the_prefix_holds(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path
) -> None:
    info = testing.upload(film, member_id=avery.id)
    testing.work()

    with tenancy.platform():
        rows = StorageEntry.objects.filter(organization_id=acme.id, object_prefix__contains=str(info.asset_id))
        renditions = sum(rows.values_list("delta_bytes", flat=True))
    stored = sum(found.size_bytes for found in store.list(f"t/{acme.id}/v/{info.asset_id}/"))
    assert renditions == stored > 0


def test_a_deleted_asset_gives_everything_back(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, settings: Settings
) -> None:
    from media.services.discard import discard
    from media.services.revisions import KEPT, purge

    before = usage(STORAGE_BYTES).used
    info = testing.upload(film, member_id=avery.id)
    testing.work()

    discard(info.asset_id)
    discard(info.asset_id)
    with pytest.raises(ObjectGone):
        store.head(f"t/{acme.id}/in/{info.id}")
    with tenancy.platform():
        from media.models import Revision

        Revision.objects.filter(asset_id=info.asset_id).update(ended_at=now() - KEPT - uploads.STUCK)
    for rev in _revisions(info.asset_id):
        purge(rev)
        purge(rev)

    assert usage(STORAGE_BYTES).used == before
    assert list(store.list(f"t/{acme.id}/v/{info.asset_id}/")) == []


def test_the_duties_run_on_the_platform(acme: tenancy.TenantRecord, store: S3Store) -> None:
    with tenancy.platform():
        duties.sweep_uploads()
        duties.purge_revisions()
        duties.purge_sessions()


def _revisions(asset_id: UUID) -> list[UUID]:
    from media.models import Revision

    return list(Revision.objects.filter(asset_id=asset_id).values_list("id", flat=True))
