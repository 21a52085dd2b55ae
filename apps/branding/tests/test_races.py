"""People at one brand at once, on connections of their own: one is served, the others are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

import tenancy
from apps.branding import services
from apps.branding.errors import NothingToPublish
from apps.branding.models import Brand
from core.errors import RevisionConflict
from tenancy import TenantRecord

CONTENT = {
    "name": "",
    "heading_font": "onest",
    "welcome_title": "",
    "welcome_text": "",
    "sender_name": "",
    "reply_to": "",
    "footer": "",
    "logo_light_id": None,
    "logo_dark_id": None,
    "favicon_id": None,
    "login_image_id": None,
}


@pytest.fixture
def committed(world: Any, django_db_blocker: Any) -> Iterator[TenantRecord]:
    """Globex with rows that are really committed, and its brand as it was afterwards."""
    with django_db_blocker.unblock():
        with tenancy.bind(world.organizations["globex"]) as bound:
            services.ensure_brand()
            before = list(Brand.objects.values())
            yield bound
            Brand.objects.all().delete()
            Brand.objects.bulk_create([Brand(**row) for row in before])
        connection.close()


def at_once(calls: list[Callable[[], Any]], organization: TenantRecord) -> list[str]:
    def run(call: Callable[[], Any]) -> str:
        try:
            with tenancy.bind(organization):
                call()
                return "done"
        except (RevisionConflict, NothingToPublish):
            return "told"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(run, calls))


def revision() -> int:
    return Brand.objects.get(state="published").revision


def test_of_drafts_saved_at_once_one_is_the_draft(committed: TenantRecord) -> None:
    seen = revision()

    outcomes = at_once(
        [
            lambda number=number: services.save_draft({**CONTENT, "color": f"#0{number}5d3b"}, expected_revision=seen)
            for number in range(6)
        ],
        committed,
    )

    assert sorted(outcomes) == ["done"] + ["told"] * 5
    assert Brand.objects.filter(state="draft").count() == 1
    assert revision() == seen + 1


def test_of_publishing_saving_and_discarding_at_once_one_happens(committed: TenantRecord) -> None:
    services.save_draft({**CONTENT, "color": "#0b5d3b"}, expected_revision=revision())
    seen = revision()

    outcomes = at_once(
        [
            lambda: services.publish_draft(expected_revision=seen),
            lambda: services.publish_draft(expected_revision=seen),
            lambda: services.save_draft({**CONTENT, "color": "#c4185c"}, expected_revision=seen),
            lambda: services.discard_draft(expected_revision=seen),
        ],
        committed,
    )

    assert sorted(outcomes) == ["done", "told", "told", "told"]
    assert Brand.objects.filter(state="published").count() == 1
    assert Brand.objects.filter(state="draft").count() <= 1
