"""The ledger against the bucket, with real objects: to the byte, and each key that differs by name."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

import tenancy
from billing.api import STORAGE_BYTES, TRANSCODE_SECONDS, quotas_of
from billing.usage import noting
from core.clock import now
from media import tasks, testing
from media.aws.s3 import S3Store
from media.management.commands import reconcile_storage
from media.models import Revision, StorageEntry, Upload
from media.services import daily, playback, public, reconcile, revisions
from media.services.reconcile import Account

if TYPE_CHECKING:
    from conftest import Person


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconcile_storage, "SECOND_LOOK_SECONDS", 0.0)


@pytest.fixture
def clean(acme: tenancy.TenantRecord, store: S3Store) -> None:
    """Other tests of this run left objects whose rows were undone."""
    for prefix in (f"t/{acme.id}/", f"p/{acme.id}/"):
        store.delete_prefix(prefix)
    with tenancy.platform():
        reconcile.set_right(reconcile.account_for(acme.id))


def account(acme: tenancy.TenantRecord) -> Account:
    with tenancy.platform():
        return reconcile.account_for(acme.id)


def told(acme: tenancy.TenantRecord, *options: str) -> str:
    out = StringIO()
    try:
        call_command("reconcile_storage", f"--organization={acme.id}", *options, stdout=out)
    except CommandError as differing:
        return f"{out.getvalue()}{differing}"
    return out.getvalue()


def test_a_film_a_picture_and_an_archive_add_up_to_the_listing(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, clean: None
) -> None:
    testing.upload(film, member_id=avery.id)
    testing.work()
    public.keep_image(b"\x89PNG picture", "png")
    public.keep_look(b"{}")
    public.keep_look(b'{"longer": 1}')
    store.put_bytes(f"t/{acme.id}/x/archive.zip", bytes(1000), content_type="application/zip")

    here = account(acme)

    assert here.differences == []
    listed = sum(found.size_bytes for prefix in (f"t/{acme.id}/", f"p/{acme.id}/") for found in store.list(prefix))
    assert here.listed == listed == here.counted + here.archives
    assert here.archives == 1000
    with tenancy.platform():
        assert here.ledger == here.meter == here.counted == quotas_of([acme.id], STORAGE_BYTES)[acme.id][0]
    assert "agree to the byte" in told(acme)


def test_what_is_lost_orphaned_or_of_another_size_is_named(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, clean: None
) -> None:
    info = testing.upload(film, member_id=avery.id)
    testing.work()
    current = playback.current_revision(info.asset_id)
    assert current is not None
    prefix = f"t/{acme.id}/v/{info.asset_id}/{current.id}/"
    lost, changed, orphan = f"{prefix}180p/seg_00000.m4s", f"{prefix}poster.jpg", f"t/{acme.id}/v/nobody/1.m4s"
    before = {found.key: found.size_bytes for found in store.list(prefix)}
    store.delete([lost])
    store.put_bytes(changed, b"shorter", content_type="image/jpeg")
    store.put_bytes(orphan, bytes(77), content_type="video/mp4")

    here = account(acme)

    keys = {(one.kind, one.key): (one.expected, one.found) for one in here.differences}
    assert keys["lost", lost] == (before[lost], 0)
    assert keys["size", changed] == (before[changed], 7)
    assert keys["orphan", orphan] == (0, 77)
    assert keys["ledger", prefix] == (sum(before.values()), here.held[prefix])
    assert set(keys) == {("lost", lost), ("size", changed), ("orphan", orphan), ("ledger", prefix)}
    words = told(acme)
    for key in (lost, changed, orphan):
        assert key in words
    assert "1 of 1 differ" in words


def test_it_is_set_right_and_stays_so_to_the_last_purge(
    acme: tenancy.TenantRecord,
    avery: Person,
    store: S3Store,
    film: Path,
    clean: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    info = testing.upload(film, member_id=avery.id)
    testing.work()
    current = playback.current_revision(info.asset_id)
    assert current is not None
    prefix = f"t/{acme.id}/v/{info.asset_id}/{current.id}/"
    source = Upload.objects.get(id=info.id).key
    orphan = f"t/{acme.id}/v/nobody/1.m4s"
    store.delete([source, f"{prefix}180p/seg_00000.m4s"])
    store.put_bytes(orphan, bytes(77), content_type="video/mp4")

    told(acme, "--set-right", "--remove-orphans")

    assert list(store.list(orphan)), "an orphan of this minute may be somebody's in the next"
    here = account(acme)
    assert here.ledger == here.meter == here.counted
    assert {one.kind for one in here.differences} == {"lost", "orphan"}
    assert Upload.objects.get(id=info.id).source_deleted_at is not None
    monkeypatch.setattr(reconcile, "GRACE", timedelta(seconds=-60))
    told(acme, "--remove-orphans")
    assert not list(store.list(orphan))

    # What is purged afterwards gives back what it really took.
    with tenancy.platform():
        Revision.objects.filter(organization_id=acme.id).exclude(state="purged").update(
            state="superseded", ended_at=now() - timedelta(days=3)
        )
        due = list(Revision.objects.filter(organization_id=acme.id, state="superseded").values_list("id", flat=True))
    for rev_id in due:
        revisions.purge(rev_id)
    here = account(acme)
    assert (here.ledger, here.meter, here.counted, here.differences) == (0, 0, 0, [])


def test_encodes_under_way_and_given_up_are_not_counted_and_not_orphans(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, clean: None
) -> None:
    info = testing.upload(film, member_id=avery.id, complete=False)
    store.put_bytes(Upload.objects.get(id=info.id).key, bytes(10), content_type="video/mp4")
    other = testing.upload(film, member_id=avery.id)
    testing.work()
    whole = account(acme)
    assert whole.under_way == 10
    Revision.objects.filter(asset_id=other.asset_id, state="superseded").update(state="failed")

    here = account(acme)

    gone = sum(Revision.objects.filter(asset_id=other.asset_id, state="failed").values_list("bytes", flat=True))
    assert here.under_way == 10 + gone
    assert {one.kind for one in here.differences} == {"ledger"}


def test_an_older_encode_without_an_inventory_is_compared_by_its_sum(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, clean: None
) -> None:
    info = testing.upload(film, member_id=avery.id)
    testing.work()
    current = playback.current_revision(info.asset_id)
    assert current is not None
    prefix = f"t/{acme.id}/v/{info.asset_id}/{current.id}/"
    inventory = store.head(f"{prefix}inventory.json").size_bytes
    store.delete([f"{prefix}inventory.json"])

    here = account(acme)

    assert ("lost", f"{prefix}inventory.json", inventory, 0) in {
        (one.kind, one.key, one.expected, one.found) for one in here.differences
    }


def test_keys_of_no_organization_are_found(
    acme: tenancy.TenantRecord, globex: tenancy.TenantRecord, store: S3Store
) -> None:
    for key in ("t/nobody/in/1", f"t/{acme.id}/in/2", f"p/{globex.id}/look.json", "final/gone/a.zip", "readme.txt"):
        store.put_bytes(key, b"x", content_type="text/plain")

    found = {one.key for one in reconcile.strangers([acme.id, globex.id])}

    assert {"t/nobody/in/1", "readme.txt"} <= found
    assert not any(key.startswith((f"t/{acme.id}/", f"p/{globex.id}/", "final/")) for key in found)
    store.delete(["t/nobody/in/1", "readme.txt"])


def test_a_picture_that_goes_is_counted_no_more(acme: tenancy.TenantRecord, store: S3Store, clean: None) -> None:
    before = account(acme).ledger
    kept = public.keep_image(b"\x89PNG again", "png")
    public.keep_image(b"\x89PNG again", "png")
    assert account(acme).ledger == before + len(b"\x89PNG again")

    public.drop_images([kept.key])
    public.drop_images([kept.key])

    assert account(acme).ledger == before


def test_three_things_by_day(
    acme: tenancy.TenantRecord, avery: Person, store: S3Store, film: Path, clean: None
) -> None:
    today = now().date()
    info = testing.upload(film, member_id=avery.id)
    testing.work()
    with tenancy.platform():
        noting.fold()
        yesterday = StorageEntry.objects.filter(ref_id=info.id)
        yesterday.update(at=now() - timedelta(days=1))
        found = list(daily.days([acme.id], since=today - timedelta(days=2), until=today))
    assert [day.on for day in found] == [today - timedelta(days=2), today - timedelta(days=1), today]
    assert found[1].stored_bytes - found[0].stored_bytes == film.stat().st_size
    with tenancy.platform():
        assert found[2].stored_bytes == quotas_of([acme.id], STORAGE_BYTES)[acme.id][0]
        used = quotas_of([acme.id], TRANSCODE_SECONDS)[acme.id][0]
    assert (found[1].encoded_seconds, found[2].encoded_seconds) == (0, 3)
    assert used >= 3
    out = StringIO()
    call_command("usage_by_day", f"--organization={acme.id}", f"--since={today}", f"--until={today}", stdout=out)
    [head, line] = out.getvalue().split()
    assert head == "organization,day,stored_bytes,encoded_seconds,delivered_bytes"
    assert line == f"{acme.id},{today},{found[2].stored_bytes},3,0"


def test_every_organization_is_compared_once_a_day(acme: tenancy.TenantRecord, globex: tenancy.TenantRecord) -> None:
    midnight = now().replace(hour=0, minute=0)
    with tenancy.platform():
        found = [
            organization_id
            for minute in (acme.id.int % 1440, globex.id.int % 1440)
            for organization_id in reconcile.due(midnight + timedelta(minutes=minute))
        ]
        assert acme.id not in reconcile.due(midnight + timedelta(minutes=(acme.id.int + 1) % 1440))
    assert {acme.id, globex.id} <= set(found)


def test_what_differs_is_told_after_a_second_look(
    acme: tenancy.TenantRecord,
    store: S3Store,
    clean: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(tasks.compare_storage, "apply_async", lambda given, countdown: asked.append(given))
    with tenancy.platform():
        tasks.compare_storage.run(str(acme.id))
        assert asked == []
        store.put_bytes(f"t/{acme.id}/v/nobody/1.m4s", b"x", content_type="video/mp4")
        tasks.compare_storage.run(str(acme.id))
        assert "storage.differs" not in caplog.text
        [again] = asked
        tasks.compare_storage.run(*again)
    assert "storage.differs" in caplog.text
