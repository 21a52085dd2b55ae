"""First steps are done by what happens; the figures of the usage page are those of the tables behind them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from django.db import transaction
from pytest_django.fixtures import Settings

import tenancy
from apps.accounts.models import Member
from apps.accounts.services import invitations
from apps.accounts.sessions import principal
from apps.branding.events import BrandPublished
from apps.courses.events import CoursePublished
from apps.enrollments.events import EnrollmentCreated
from apps.progress.events import ItemCompleted
from apps.reports import selectors, services, subscribers
from billing import api as billing
from core.clock import now
from core.ids import new_id
from media.events import RevisionPublished
from media.models import StorageEntry, Upload
from tenancy import TenantRecord

STEPS = ["brand", "video", "course", "invitation", "enrollment", "progress"]


def done() -> list[str]:
    return [step.name for step in selectors.first_run().steps if step.done_at]


def test_a_new_organization_has_done_nothing(acme: TenantRecord) -> None:
    from apps.accounts.models import Invitation

    Invitation.objects.all().delete()  # the cast came by invitation
    assert [step.name for step in selectors.first_run().steps] == STEPS
    assert done() == []


def test_each_step_is_done_by_what_happens_and_keeps_its_first_time(acme: TenantRecord) -> None:
    one = new_id()
    told = [
        (subscribers.first_brand, BrandPublished(revision=2), "brand"),
        (subscribers.first_course, CoursePublished(one, one, 1, None, "none"), "course"),
        (subscribers.first_enrollment, EnrollmentCreated(one, one, one, one), "enrollment"),
        (subscribers.first_progress, ItemCompleted(one, one, one, 1), "progress"),
        (subscribers.first_video, RevisionPublished(one, one, one, "remux", 1, 1, False, False, []), "video"),
    ]
    for hear, event, name in told:
        hear(event)
        assert name in done()
    first = {step.name: step.done_at for step in selectors.first_run().steps}
    with time_machine.travel(now() + timedelta(days=3)):
        for hear, event, _ in told:
            hear(event)
    assert {step.name: step.done_at for step in selectors.first_run().steps} == first


def test_an_invitation_counts_when_it_is_sent(acme: TenantRecord, olga: Any) -> None:
    from apps.accounts.models import Invitation, Member

    Invitation.objects.all().delete()
    actor = principal(Member.objects.with_roles().get(id=olga.id)).actor
    invitations.invite(actor=actor, email="guest@example.com", role="learner")
    assert "invitation" in done()


def test_the_list_is_put_away_for_everybody_and_comes_back(
    db: None, world: Any, olga: Any, avery: Any, leo: Any
) -> None:
    owner, author, learner = olga.client(), avery.client(), leo.client()
    assert author.get("/api/v1/first-run/").json()["dismissed_at"] is None
    assert author.put("/api/v1/first-run/dismissal/").status_code == 403
    assert learner.get("/api/v1/first-run/").status_code == 403
    put_away = owner.put("/api/v1/first-run/dismissal/").json()["dismissed_at"]
    assert put_away
    assert owner.put("/api/v1/first-run/dismissal/").json()["dismissed_at"] == put_away
    assert author.get("/api/v1/first-run/").json()["dismissed_at"] == put_away
    with tenancy.bind(world.organizations["acme"]):
        services.mark("brand")
    assert author.get("/api/v1/first-run/").json()["steps"][0]["done_at"], "still noticed"
    assert owner.delete("/api/v1/first-run/dismissal/").json()["dismissed_at"] is None


def test_the_bytes_by_kind_by_course_and_by_month_are_the_meters(
    db: None, world: Any, olga: Any, avery: Any, leo: Any
) -> None:
    acme = world.organizations["acme"]
    with tenancy.bind(acme):
        before = billing.usage(billing.STORAGE_BYTES).used
    one, two, loose = new_id(), new_id(), new_id()
    _store(acme, one, source=5_000, made=1_200)
    _store(acme, two, source=700)
    _store(acme, loose, source=90)
    # What came and went again leaves nothing.
    _store(acme, new_id(), source=40, gone=True)

    answer = olga.client().get("/api/v1/usage/").json()

    meters = {meter["key"]: meter for meter in answer["meters"]}
    assert meters["storage"]["used"] == before + 6_990
    assert sum(answer["storage"].values()) == meters["storage"]["used"]
    assert sum(line["bytes"] for line in answer["courses"]) == meters["storage"]["used"]
    assert answer["months"][-1]["stored_bytes"] == meters["storage"]["used"]
    assert len(answer["months"]) == selectors.MONTHS
    assert meters["members"]["used"] == 6
    assert sum(month["joined"] for month in answer["months"]) == 6  # in two of them where the month has just turned
    assert (meters["delivered"]["used"], meters["delivered"]["limit"]) == (0, 100 * 10**9)


def test_where_no_logs_of_deliveries_are_kept_nothing_is_said_to_be_measured(
    db: None, olga: Any, settings: Settings
) -> None:
    settings.DELIVERY_LOGS = ""
    answer = olga.client().get("/api/v1/usage/").json()
    delivered = next(meter for meter in answer["meters"] if meter["key"] == "delivered")
    assert (delivered["used"], delivered["limit"]) == (None, None)
    assert olga.client().get("/api/v1/billing-usage/").json()["is_measured"] is False


def _store(acme: TenantRecord, asset_id: UUID, *, source: int, made: int = 0, gone: bool = False) -> None:
    upload_id = new_id()
    total = 0 if gone else source + made
    with tenancy.platform(), transaction.atomic():
        Upload.objects.create(
            id=upload_id,
            organization_id=acme.id,
            member_id=new_id(),
            asset_id=asset_id,
            key=f"t/{acme.id}/in/{upload_id}",
            name="film.mp4",
            content_type="video/mp4",
            fingerprint=str(upload_id),
            size_bytes=source,
            part_bytes=source,
            parts=1,
            reservation_id=new_id(),
            state="received",
            expires_at=now() + timedelta(days=1),
        )
        for kind, delta in (("source", source), ("rendition", made), ("source", -source if gone else 0)):
            if delta:
                StorageEntry.objects.create(
                    organization_id=acme.id, object_prefix="x", kind=kind, delta_bytes=delta, ref_id=upload_id
                )
    with tenancy.bind(acme):
        billing.add(meter=billing.STORAGE_BYTES, delta=total)


def test_a_course_takes_what_it_alone_shows(acme: TenantRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    knots, hitches = new_id(), new_id()
    alone, shared, loose = new_id(), new_id(), new_id()
    monkeypatch.setattr(selectors.courses, "titles", lambda: {knots: "Knots", hitches: "Hitches"})
    monkeypatch.setattr(selectors.courses, "courses_by_asset", lambda: {alone: {knots}, shared: {knots, hitches}})
    stored = selectors.media.Stored(
        by_kind={"source": 100, "rendition": 23}, by_asset={alone: 50, shared: 40, loose: 30}, by_month={}
    )
    lines = [(line.title, line.bytes) for line in selectors._by_course(stored)]
    assert lines == [("Knots", 50), ("Hitches", 0), ("In several courses", 40), ("In no course", 33)]


def test_another_organization_sees_its_own_figures(db: None, world: Any, mallory: Any) -> None:
    _store(world.organizations["acme"], new_id(), source=12_345)
    answer = mallory.client().get("/api/v1/usage/").json()
    assert sum(answer["storage"].values()) == 0

    def active(slug: str) -> int:
        with tenancy.bind(world.organizations[slug]):
            return Member.objects.active().count()

    mine, theirs = active("globex"), active("acme")
    assert mine != theirs, "the two could not be told apart"
    assert {meter["key"]: meter["used"] for meter in answer["meters"]}["members"] == mine


def test_only_who_runs_the_organization_sees_its_usage(avery: Any, ines: Any, leo: Any, alice: Any) -> None:
    assert alice.client().get("/api/v1/usage/").status_code == 200
    for person in (avery, ines, leo):
        assert person.client().get("/api/v1/usage/").status_code == 403
