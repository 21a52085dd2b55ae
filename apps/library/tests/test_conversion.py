"""News of the media service, in every order: the library only moves forward."""

from __future__ import annotations

from itertools import permutations
from uuid import UUID

import pytest

import tenancy
from apps.library.models import Asset, AssetRevision, Timeline
from apps.library.services import conversion
from core.ids import new_id

UPLOAD = new_id()


@pytest.fixture
def asset(acme: tenancy.TenantRecord) -> Asset:
    return Asset.objects.create(title="Knots", upload_id=UPLOAD, state="processing")


def revision(asset: Asset, rev: UUID, stage: str, *, growing: bool = False) -> None:
    conversion.record_revision(
        asset_id=asset.id,
        upload_id=UPLOAD,
        rev=rev,
        stage=stage,
        duration_ms=3000,
        bytes=0 if growing else 1000,
        growing=growing,
        has_poster=True,
        renditions=[
            {"name": "480p", "width": 854, "height": 480, "codecs": "avc1", "bits": 1, "peak_bits": 2, "bytes": 3}
        ],
    )


def failure(asset: Asset, stage: str) -> None:
    conversion.record_failure(
        asset_id=asset.id,
        upload_id=UPLOAD,
        stage=stage,
        code="not_convertible",
        title="The video could not be converted",
        detail="It stops being readable at 0:01.",
        retryable=True,
    )


@pytest.mark.parametrize("order", list(permutations(["probed", "growing", "whole", "ladder"])))
def test_in_whatever_order_the_news_come_the_ladder_plays(asset: Asset, order: tuple[str, ...]) -> None:
    first, ladder = new_id(), new_id()
    news = {
        "probed": lambda: conversion.describe(
            asset_id=asset.id,
            upload_id=UPLOAD,
            duration_ms=3000,
            width=1920,
            height=1080,
            has_audio=True,
            language="en",
        ),
        "growing": lambda: revision(asset, first, "fast", growing=True),
        "whole": lambda: revision(asset, first, "fast"),
        "ladder": lambda: revision(asset, ladder, "ladder"),
    }
    for name in order:
        news[name]()
        news[name]()  # each may come twice

    asset.refresh_from_db()
    assert (asset.state, asset.current_rev, asset.width) == ("ready", ladder, 1920)
    assert Timeline.objects.filter(asset=asset).count() == 1
    row = AssetRevision.objects.get(rev=first)
    assert (row.state, row.is_growing, row.bytes) == ("superseded", False, 1000)
    assert row.renditions.count() == 1


def test_of_two_tries_the_later_plays(asset: Asset) -> None:
    earlier, later = sorted([new_id(), new_id()])
    revision(asset, later, "remux")
    revision(asset, earlier, "remux", growing=True)

    asset.refresh_from_db()
    assert asset.current_rev == later


def test_a_ladder_that_failed_leaves_the_film_playable_with_a_warning(asset: Asset) -> None:
    revision(asset, new_id(), "remux")
    failure(asset, "ladder")

    asset.refresh_from_db()
    assert (asset.state, asset.error_code, asset.is_retryable) == ("playable", "not_convertible", True)


def test_a_film_that_never_became_whole_is_not_played(asset: Asset) -> None:
    revision(asset, new_id(), "fast", growing=True)
    failure(asset, "fast")

    asset.refresh_from_db()
    assert (asset.state, asset.current_rev) == ("failed", None)


def test_a_retry_that_worked_clears_the_error(asset: Asset) -> None:
    failure(asset, "fast")
    revision(asset, new_id(), "fast")

    asset.refresh_from_db()
    assert (asset.state, asset.error_code) == ("playable", "")


def test_late_news_of_a_failure_do_not_undo_what_is_ready(asset: Asset) -> None:
    revision(asset, new_id(), "ladder")
    failure(asset, "remux")

    asset.refresh_from_db()
    assert asset.state == "ready"
