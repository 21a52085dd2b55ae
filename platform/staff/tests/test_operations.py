"""Jobs, flags, announcements, the fleet and the record."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

import tenancy
from core.clock import iso, now
from core.ids import new_id
from events.models import OutboxDelivery
from media.models import TranscodeJob, Upload
from staff.announcements import services as announcements
from staff.flags.evaluation import flags_of, permille_of
from staff.models import PlatformAuditEntry
from staff.testing import browser
from staff.tests.conftest import send
from tenancy import flags


@pytest.fixture
def operations(db: None) -> Client:
    announcements.forget()
    return browser("operations")


@pytest.fixture
def parked(db: None, world: Any) -> OutboxDelivery:
    with tenancy.platform():
        acme = world.organizations["acme"]
        return OutboxDelivery.objects.create(
            message_id=new_id(),
            subscriber="progress.place_enrollments",
            organization_id=acme.id,
            generation=acme.generation,
            type="lms.courses.course.published.v1",
            payload={},
            state="parked",
            attempts=12,
            last_error="Traceback\nValueError: no such version",
        )


# -- jobs -----------------------------------------------------------------------------------------------------------


def test_a_parked_delivery_is_a_job_that_can_begin_again(operations: Client, parked: OutboxDelivery) -> None:
    items = send(operations, "GET", "jobs/?state=failed&kind=delivery").json()["items"]
    job = next(item for item in items if item["id"] == str(parked.id))
    assert (job["error"], job["organization_name"], job["can_retry"]) == (
        "ValueError: no such version",
        "Acme Academy",
        True,
    )
    path = f"jobs/delivery/{parked.id}/retry/"
    assert send(operations, "POST", path, {}).status_code == 422
    assert send(browser("support"), "POST", path, {"reason": "Fixed"}).status_code == 403
    again = send(operations, "POST", path, {"reason": "Fixed in 42", "ticket": "T-7"})
    assert again.json()["state"] == "waiting"
    assert send(operations, "POST", path, {"reason": "Twice"}).json()["code"] == "delivery_not_parked"
    with tenancy.platform():
        kept = PlatformAuditEntry.objects.get(action="job.retried")
    assert (kept.reason, kept.ticket, kept.organization_id) == ("Fixed in 42", "T-7", parked.organization_id)


def test_a_parked_delivery_can_be_given_up(operations: Client, parked: OutboxDelivery) -> None:
    done = send(operations, "POST", f"jobs/delivery/{parked.id}/cancel/", {"reason": "The course is gone"})
    assert done.json()["state"] == "cancelled"


def test_a_failed_transcode_begins_again_with_a_new_fence(operations: Client, world: Any) -> None:
    with tenancy.platform():
        acme = world.organizations["acme"].id
        upload = Upload.objects.create(
            organization_id=acme, member_id=new_id(), asset_id=new_id(), key=f"t/{acme}/in/{new_id()}", name="film.mp4",
            content_type="video/mp4", fingerprint="f", size_bytes=1, part_bytes=1, parts=1, state="received",
            reservation_id=new_id(), expires_at=now(),
        )  # fmt: skip
        job = TranscodeJob.objects.create(
            organization_id=acme, asset_id=upload.asset_id, upload_id=upload.id, stage="ladder", state="failed",
            attempt=5, fence=3, error_title="The encoder ran out of memory.", finished_at=now(),
        )  # fmt: skip
    line = send(operations, "GET", f"jobs/?organization={acme}&kind=transcode").json()["items"][0]
    assert (line["state"], line["attempts"], line["error"]) == ("failed", 5, "The encoder ran out of memory.")
    assert send(operations, "POST", f"jobs/transcode/{job.id}/retry/", {"reason": "More memory"}).status_code == 200
    with tenancy.platform():
        job.refresh_from_db()
        assert (job.state, job.fence, job.attempt) == ("queued", 4, 0)
    assert send(operations, "POST", f"jobs/transcode/{job.id}/retry/", {"reason": "x"}).status_code == 409
    assert send(operations, "POST", f"jobs/transcode/{new_id()}/retry/", {"reason": "x"}).status_code == 404
    assert send(operations, "POST", f"jobs/nothing/{job.id}/retry/", {"reason": "x"}).status_code == 404


# -- flags ----------------------------------------------------------------------------------------------------------


def _flag(operations: Client, **change: Any) -> Any:
    until = (now() + timedelta(days=30)).date().isoformat()
    return send(
        operations,
        "POST",
        "feature-flags/",
        {
            "key": "player.fast_speeds",
            "description": "2.5 and 3 times",
            "owner": "player",
            "expires_on": until,
            **change,
        },
    )


def test_a_flag_reaches_its_organizations_and_no_others(operations: Client, world: Any) -> None:
    acme, globex = (world.organizations[slug].id for slug in ("acme", "globex"))
    assert _flag(operations).status_code == 201
    rules = {"rules": [{"kind": "organization", "value": str(acme)}]}
    assert send(operations, "PUT", "feature-flags/player.fast_speeds/rules/", rules).status_code == 200
    with tenancy.bind(acme):
        assert flags.enabled("player.fast_speeds")
    with tenancy.bind(globex):
        assert not flags.enabled("player.fast_speeds")
    assert not flags.enabled("player.fast_speeds")  # nobody is bound
    assert send(operations, "PATCH", "feature-flags/player.fast_speeds/", {"kill": True}).json()["kill"] is True
    with tenancy.bind(acme):
        assert not flags.enabled("player.fast_speeds")


def test_plans_and_shares_are_rules_too(operations: Client, world: Any) -> None:
    acme = world.organizations["acme"].id
    _flag(operations)
    path = "feature-flags/player.fast_speeds/rules/"
    for kind, value, on in [
        ("plan", "trial", True),
        ("plan", "scale", False),
        ("permille", "1000", True),
        ("permille", "0", False),
    ]:
        send(operations, "PUT", path, {"rules": [{"kind": kind, "value": value}]})
        with tenancy.platform():
            assert ("player.fast_speeds" in flags_of(acme)) is on, (kind, value)


def test_a_share_is_stable_fair_and_another_for_another_flag() -> None:
    ids = [new_id() for _ in range(4000)]
    chosen = {found for found in ids if permille_of("a", found) < 250}
    assert 850 < len(chosen) < 1150
    assert {found for found in ids if permille_of("a", found) < 500} >= chosen
    assert {found for found in ids if permille_of("b", found) < 250} != chosen


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "organization", "value": "01900000-0000-7000-8000-000000000000"},
        {"kind": "organization", "value": "acme"},
        {"kind": "plan", "value": "gold"},
        {"kind": "permille", "value": "1001"},
        {"kind": "permille", "value": "-1"},
    ],
)
def test_a_rule_names_something_that_there_is(operations: Client, rule: dict[str, str]) -> None:
    _flag(operations)
    assert send(operations, "PUT", "feature-flags/player.fast_speeds/rules/", {"rules": [rule]}).status_code == 422


def test_flags_end_loudly(operations: Client) -> None:
    assert _flag(operations, expires_on=now().date().isoformat()).status_code == 422
    assert _flag(operations, key="Not A Key").status_code == 422
    assert _flag(operations).status_code == 201
    assert _flag(operations).json()["code"] == "flag_exists"
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    late = send(operations, "PATCH", "feature-flags/player.fast_speeds/", {"expires_on": yesterday}).json()
    assert late["expired"] is True
    assert send(operations, "DELETE", "feature-flags/player.fast_speeds/").status_code == 204
    with tenancy.platform():
        acts = PlatformAuditEntry.objects.filter(object_type="feature_flag").order_by("id")
        assert [act.action for act in acts] == ["flag.created", "flag.changed", "flag.removed"]


def test_reports_are_believed_up_to_the_speed_that_is_offered() -> None:
    from apps.progress import watch

    played = [watch.PlayedSpan(0, 300, 3.0)]
    ask = {"required": 600, "since_last_seconds": 100}
    assert watch.credit(played, speed_limit=watch.USUAL_SPEED, **ask).played_seconds == 230
    assert watch.credit(played, speed_limit=watch.MAX_SPEED, **ask).played_seconds == 300


# -- announcements --------------------------------------------------------------------------------------------------


def _announce(operations: Client, **change: Any) -> Any:
    body = {"title": "We move house", "body": "On Saturday.", "surfaces": ["learn", "studio"], "tone": "info", **change}
    answer = send(operations, "POST", "announcements/", body)
    announcements.forget()
    return answer


def _seen(person: Any, surface: str = "learn") -> list[str]:
    announcements.forget()
    answer = person.client().get(f"/api/v1/announcements/?surface={surface}")
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["items"]]


def test_an_announcement_shows_where_and_to_whom_it_is_meant(
    operations: Client, leo: Any, olga: Any, mallory: Any
) -> None:
    acme = str(leo.organization.id)
    made = _announce(operations, audience={"organizations": [acme], "roles": ["learner"]})
    assert made.json()["state"] == "showing", made.content
    assert _seen(leo) == ["We move house"]
    assert _seen(olga) == []
    assert _seen(mallory) == []
    send(operations, "PATCH", f"announcements/{made.json()['id']}/", {"audience": {"organizations": [], "roles": []}})
    assert (_seen(olga, "studio"), _seen(mallory, "studio")) == (["We move house"], ["We move house"])
    send(operations, "PATCH", f"announcements/{made.json()['id']}/", {"surfaces": ["staff"]})
    assert _seen(leo) == []
    assert len(send(operations, "GET", "announcements/current/").json()["items"]) == 1
    send(operations, "DELETE", f"announcements/{made.json()['id']}/")
    announcements.forget()
    assert send(operations, "GET", "announcements/current/").json()["items"] == []


def test_announcements_keep_their_times(operations: Client, leo: Any) -> None:
    soon = _announce(operations, starts_at=iso(now() + timedelta(hours=1)))
    assert soon.json()["state"] == "scheduled"
    over = _announce(operations, starts_at=iso(now() - timedelta(hours=2)), ends_at=iso(now() - timedelta(hours=1)))
    assert over.json()["state"] == "ended"
    assert _seen(leo) == []
    wrong = _announce(operations, starts_at=iso(now()), ends_at=iso(now() - timedelta(hours=1)))
    assert wrong.status_code == 422
    assert _announce(operations, audience={"plans": ["gold"]}).status_code == 422


def test_visitors_and_other_plans_see_nothing(operations: Client, leo: Any) -> None:
    _announce(operations, audience={"plans": ["scale"]})
    assert _seen(leo) == []
    assert Client(headers={"host": "acme.lms.localhost"}).get("/api/v1/announcements/?surface=learn").status_code == 401


# -- the fleet and the record -----------------------------------------------------------------------------------------


def test_the_fleet_adds_up(operations: Client, parked: OutboxDelivery) -> None:
    fleet = send(operations, "GET", "fleet/").json()
    assert fleet["organizations"]["total"] == sum(fleet["organizations"]["by_state"].values()) >= 2
    assert len(fleet["sign_ups_per_day"]) == 30
    assert sum(day["count"] for day in fleet["sign_ups_per_day"]) >= 2
    assert fleet["outbox"]["parked"] >= 1
    assert {queue["name"] for queue in fleet["queues"]} == {"default", "events", "media", "provisioning", "outbox"}
    assert any(error["organization_name"] == "Acme Academy" for error in fleet["errors"])
    assert fleet["releases"][0]["number"] == fleet["current_release"]


def test_the_record_is_filtered_and_downloaded(operations: Client, world: Any) -> None:
    _flag(operations)
    send(operations, "POST", f"organizations/{world.organizations['acme'].id}/notes/", {"body": "x"})
    items = send(operations, "GET", "audit-entries/?action=flag").json()["items"]
    assert [(item["action"], item["actor"]) for item in items] == [("flag.created", "Staff operations")]
    items = send(operations, "GET", f"audit-entries/?organization={world.organizations['acme'].id}").json()["items"]
    assert items[0]["organization_name"] == "Acme Academy"
    answer = send(operations, "GET", "audit-entries.csv/?action=flag")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [row["action"] for row in rows] == ["flag.created"]
    assert send(browser("support"), "GET", "audit-entries/").status_code == 403
