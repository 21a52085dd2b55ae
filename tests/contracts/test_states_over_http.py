"""What people meet while an organization is read-only, paused, waiting to be deleted, or gone."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

import tenancy
from staff.testing import browser as staff_browser
from tenancy import TenantRecord, catalog
from tenants.lifecycle import door
from tenants.models import Organization


def put(record: TenantRecord, state: str, **more: Any) -> None:
    with tenancy.platform():
        closing = (
            {"returns_to": "active", "delete_after": "2099-12-24T10:00:00Z"} if state == "pending_deletion" else {}
        )
        Organization.objects.filter(id=record.id).update(state=state, **closing, **more)
        if state in ("active", "read_only", "pending_deletion", "suspended", "deleting"):
            door.follow_state(record.id)
    catalog.forget_all()


@pytest.fixture(autouse=True)
def _fresh(db: None) -> Any:
    yield
    catalog.forget_all()


JSON = {"content_type": "application/json"}


def test_read_only_shuts_the_studio_and_not_the_lessons(globex: TenantRecord, mallory: Any, marvin: Any) -> None:
    owner, learner = mallory.client(), marvin.client()
    put(globex, "read_only")
    refused = owner.post("/api/v1/courses/", {"title": "New"}, **JSON)
    assert refused.status_code == 423
    assert refused.json()["code"] == "organization_read_only"
    assert owner.patch("/api/v1/organization/", {"name": "Other"}, **JSON).status_code == 423
    assert owner.get("/api/v1/courses/").status_code == 200
    seen = owner.get("/api/v1/organization/").json()
    assert (seen["state"], seen["reason"]) == ("read_only", "")
    assert owner.get("/api/v1/organization/deletion/").status_code == 200
    assert learner.get("/api/v1/enrollments/").status_code == 200
    # Learning is a write too: what is wrong with these is what they say, not the state.
    beacon = learner.post("/api/v1/enrollments/00000000-0000-7000-8000-000000000000/play-beacons/", {}, **JSON)
    assert beacon.status_code != 423
    assert learner.post("/api/v1/enrollments/", {"course": str(globex.id)}, **JSON).status_code == 404


@pytest.mark.parametrize("path", ["/", "/home", "/studio", "/login", "/courses/7"])
def test_a_paused_organization_shows_its_own_page(globex: TenantRecord, path: str) -> None:
    put(globex, "suspended")
    page = Client(headers={"host": globex.host}).get(path)
    words = page.content.decode()
    assert page.status_code == 403
    assert f"{globex.name} is paused" in words
    assert "Emerging" not in words
    assert "script" not in re.sub(r"<style.*?</style>", "", words, flags=re.S)
    problem = Client(headers={"host": globex.host}).get("/api/v1/me/")
    assert (problem.status_code, problem.json()["code"]) == (403, "organization_inactive")
    assert problem.json()["state"] == "suspended"
    assert Client(headers={"host": globex.host}).get("/_allauth/browser/v1/auth/session").status_code == 403


def test_only_owners_get_in_while_it_waits_to_be_deleted(globex: TenantRecord, mallory: Any, marvin: Any) -> None:
    owner, learner = mallory.client(), marvin.client()
    put(globex, "pending_deletion")
    page = learner.get("/home")
    assert page.status_code == 403
    assert "24 December 2099" in page.content.decode()
    for path in ("/api/v1/me/", "/api/v1/enrollments/", "/api/v1/catalog/"):
        refused = learner.get(path)
        assert (refused.status_code, refused.json()["code"]) == (403, "organization_closing")
    for person, status in ((marvin, 403), (mallory, 200)):
        stranger = Client(headers={"host": globex.host})
        stranger.get("/login")
        asked = {"email": person.email, "password": person.password}
        answer = stranger.post("/_allauth/browser/v1/auth/login", asked, **JSON)
        assert answer.status_code == status, answer.content
    assert owner.get("/api/v1/courses/").json()["code"] == "organization_closing"
    assert owner.get("/api/v1/me/").status_code == 200
    assert owner.get("/api/v1/organization/").json()["delete_after"] == "2099-12-24T10:00:00.000Z"
    shown = owner.get("/api/v1/organization/deletion/").json()
    assert shown["event"] == "cancel_deletion"
    back = owner.delete(f"/api/v1/organization/deletion/?token={shown['token']}")
    assert back.json()["state"] == "active"
    catalog.forget_all()
    assert learner.get("/api/v1/enrollments/").status_code == 200


def test_an_owner_ends_it_by_typing_its_address(globex: TenantRecord, mallory: Any) -> None:
    owner = mallory.client()
    shown = owner.get("/api/v1/organization/deletion/").json()
    assert {effect["code"] for effect in shown["effects"]} >= {"deleted_on", "can_be_called_off", "owners_told"}
    wrong = owner.post("/api/v1/organization/deletion/", {"slug": "acme", "token": shown["token"]}, **JSON)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "confirmation_wrong")
    unseen = owner.post("/api/v1/organization/deletion/", {"slug": globex.slug, "token": "x"}, **JSON)
    assert unseen.json()["code"] == "effects_changed"
    token = unseen.json()["preview"]["token"]
    asked = owner.post("/api/v1/organization/deletion/", {"slug": globex.slug, "token": token}, **JSON)
    assert asked.status_code == 202
    assert asked.json()["state"] == "pending_deletion"


def test_what_was_deleted_is_gone_and_names_nobody(globex: TenantRecord) -> None:
    put(globex, "deleted")
    page = Client(headers={"host": globex.host}).get("/")
    assert page.status_code == 410
    assert globex.name not in page.content.decode()
    assert Client(headers={"host": globex.host}).get("/api/v1/me/").json()["code"] == "organization_deleted"


def test_a_name_is_changed_and_kept_in_the_audit(globex: TenantRecord, mallory: Any) -> None:
    from events.models import OutboxDelivery

    answer = mallory.client().patch("/api/v1/organization/", {"name": "  Globex   College "}, **JSON)
    assert answer.json()["name"] == "Globex College"
    with tenancy.platform():
        note = OutboxDelivery.objects.get(organization_id=globex.id, payload__action="organization.name.changed")
        assert note.payload["changes"] == {"name": [globex.name, "Globex College"]}


def test_staff_look_before_they_move_an_organization(globex: TenantRecord) -> None:
    operator, support = staff_browser("operations"), staff_browser("support")
    place = f"/api/v1/organizations/{globex.id}"
    shown = operator.get(f"{place}/transition-effects/?event=suspend").json()
    assert (shown["from"], shown["to"]) == ("active", "suspended")
    wish = {"event": "suspend", "reason": "Invoice 7 is open", "ticket": "T-7", "token": shown["token"]}
    assert support.post(f"{place}/transitions/", wish, **JSON).status_code == 403
    done = operator.post(f"{place}/transitions/", wish, **JSON)
    assert done.status_code == 200
    assert (done.json()["state"], done.json()["changed"]) == ("suspended", True)
    again = operator.post(f"{place}/transitions/", wish, **JSON)
    assert (again.json()["state"], again.json()["changed"]) == ("suspended", False)
    wrong = operator.post(f"{place}/transitions/", {**wish, "event": "limit"}, **JSON)
    assert (wrong.status_code, wrong.json()["code"], wrong.json()["state"]) == (409, "wrong_state", "suspended")
    # Who sees to money may pause and reopen, and ends nothing.
    finance = staff_browser("finance")
    ending = {**wish, "event": "ask_deletion"}
    assert finance.post(f"{place}/transitions/", ending, **JSON).json()["code"] == "transition_not_yours"


def test_what_plays_ends_with_a_pause(globex: TenantRecord) -> None:
    from datetime import timedelta

    from core.clock import now
    from core.ids import new_id
    from media.lifecycle import Playing
    from media.models import EdgeBinding, PlaybackSession, RevokedGrant

    with tenancy.platform():
        PlaybackSession.objects.create(
            organization_id=globex.id,
            member_id=new_id(),
            asset_id=new_id(),
            rev_id=new_id(),
            right="enrollment",
            policy_hash="a" * 64,
            ends_at=now() + timedelta(minutes=9),
        )
        part = Playing()
        assert part.counts(globex.id)["plays"] == 1
        part.pause(globex.id)
        part.pause(globex.id)
        # Both are what the edge reads: it refuses by either within a minute.
        assert RevokedGrant.objects.filter(policy_hash="a" * 64, organization_id=globex.id).exists()
        assert EdgeBinding.objects.get(organization_id=globex.id).state == "revoked"
        assert part.counts(globex.id)["plays"] == 0
        part.resume(globex.id)
        assert EdgeBinding.objects.get(organization_id=globex.id).state == "deployed"
