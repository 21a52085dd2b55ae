"""Cells on the staff host, and what an organization's host answers once it lives in another cell."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

import tenancy
from core.clock import now
from staff.console import figures
from staff.models import OrganizationStat, PlatformAuditEntry
from staff.testing import browser as staff_browser
from tenancy import TenantRecord, catalog
from tenants.models import Cell, Move, Organization

JSON = {"content_type": "application/json"}


@pytest.fixture(autouse=True)
def _fresh(db: None) -> Any:
    catalog.forget_all()
    yield
    catalog.forget_all()


@pytest.fixture
def north() -> str:
    with tenancy.platform():
        Cell.objects.update_or_create(
            name="north", defaults={"address": "10.0.0.9:8000", "region": "eu-north", "state": "open"}
        )
    return "north"


def _put_elsewhere(record: TenantRecord, cell: str) -> None:
    with tenancy.platform():
        Organization.objects.filter(id=record.id).update(cell=cell)
    catalog.forget_all()


def test_a_host_of_another_cell_is_told_to_the_front_door(globex: TenantRecord, north: str) -> None:
    browser = Client(headers={"host": globex.host})
    assert browser.get("/cell-ask").status_code == 204
    _put_elsewhere(globex, north)
    for method, path in (("get", "/home"), ("get", "/api/v1/me/"), ("post", "/api/v1/courses/"), ("get", "/cell-ask")):
        answer = getattr(browser, method)(path)
        assert (answer.status_code, answer.headers["X-Lms-Cell"]) == (421, "10.0.0.9:8000"), path
    # Two catalogues that point at each other make no circle.
    sent = browser.get("/home", headers={"X-Lms-Hop": "1"})
    assert (sent.status_code, sent.json()["code"]) == (503, "organization_moving")
    assert "X-Lms-Cell" not in sent.headers


def test_only_addresses_of_the_catalogue_are_named(globex: TenantRecord) -> None:
    _put_elsewhere(globex, "nobody-knows")
    answer = Client(headers={"host": globex.host}).get("/home", headers={"X-Lms-Cell": "evil.example:80"})
    assert (answer.status_code, answer.json()["code"]) == (503, "organization_moving")
    assert "X-Lms-Cell" not in answer.headers


def test_other_hosts_answer_the_question_too(acme: TenantRecord) -> None:
    for host in ("lms.localhost", "staff.lms.localhost", acme.host, "nobody.lms.localhost"):
        assert Client(headers={"host": host}).get("/cell-ask").status_code == 204


def test_nothing_is_done_here_for_whom_lives_elsewhere(globex: TenantRecord, north: str) -> None:
    from tenancy.errors import TenantUnavailable
    from tenants.catalog import load, standings

    _put_elsewhere(globex, north)
    with pytest.raises(TenantUnavailable), tenancy.bind(load(globex.id)):
        pass
    with tenancy.platform():
        assert not standings([globex.id])[globex.id].is_active


def test_whoever_is_being_moved_keeps_nobody_from_the_console(
    globex: TenantRecord, acme: TenantRecord, north: str
) -> None:
    support, path = staff_browser("support"), f"/api/v1/organizations/{globex.id}/"
    before = support.get(path).json()
    with tenancy.platform():
        Organization.objects.filter(id=globex.id).update(frozen_at=now())
    frozen = support.get(path)
    assert (frozen.status_code, frozen.json()["usage"]) == (200, before["usage"])
    with tenancy.platform():
        # Everybody else is counted meanwhile.
        OrganizationStat.objects.filter(organization_id=acme.id).update(due=True)
        figures.refresh()
        assert OrganizationStat.objects.get(organization_id=acme.id).due is False


def test_the_page_of_whom_lives_elsewhere_says_where(globex: TenantRecord, north: str) -> None:
    with tenancy.platform():
        OrganizationStat.objects.filter(organization_id=globex.id).delete()  # the flip takes them along
        Organization.objects.filter(id=globex.id).update(cell=north, frozen_at=now())
    found = staff_browser("support").get(f"/api/v1/organizations/{globex.id}/")
    assert found.status_code == 200, found.content
    body = found.json()
    assert (body["organization"]["cell"], body["plan_name"], body["owners"]) == (north, "–", None)
    assert body["health"]["reasons"] == ["Served by the cell north"]


def test_staff_open_and_close_a_cell(north: str) -> None:
    operations, support = staff_browser("operations"), staff_browser("support")
    listed = {cell["name"]: cell for cell in support.get("/api/v1/cells/").json()["items"]}
    assert listed["local"]["is_here"] is True
    assert listed["local"]["organizations"] >= 2
    assert (listed["north"]["region"], listed["north"]["state"]) == ("eu-north", "open")
    drained = operations.patch("/api/v1/cells/north/", {"state": "draining", "reason": "Full"}, **JSON)
    assert (drained.status_code, drained.json()["state"]) == (200, "draining")
    with tenancy.platform():
        entry = PlatformAuditEntry.objects.filter(action="cell.state.changed").latest("at")
    assert (entry.changes, entry.reason) == ({"state": ["open", "draining"]}, "Full")
    assert support.patch("/api/v1/cells/north/", {"state": "open", "reason": "x"}, **JSON).status_code == 403
    assert operations.patch("/api/v1/cells/south/", {"state": "open", "reason": "x"}, **JSON).status_code == 404
    assert operations.patch("/api/v1/cells/north/", {"state": "shut", "reason": "x"}, **JSON).status_code == 422


def test_staff_ask_for_a_move_and_give_it_up(globex: TenantRecord, north: str) -> None:
    operations, support = staff_browser("operations"), staff_browser("support")
    path = f"/api/v1/organizations/{globex.id}/move/"
    assert support.get(path).json()["code"] == "move_not_found"
    assert support.post(path, {"cell": north, "reason": "Nearer"}, **JSON).status_code == 403
    assert operations.post(path, {"cell": "south", "reason": "x"}, **JSON).json()["code"] == "cell_not_found"
    assert operations.post(path, {"cell": "local", "reason": "x"}, **JSON).json()["code"] == "move_refused"
    asked = operations.post(path, {"cell": north, "reason": "Nearer to its people"}, **JSON)
    assert asked.status_code == 202, asked.content
    body = asked.json()
    assert (body["state"], body["from_cell"], body["to_cell"]) == ("queued", "local", "north")
    assert [step["name"] for step in body["steps"]] == ["freeze", "copy", "verify", "flip", "open", "drop"]
    assert {step["at"] for step in body["steps"]} == {None}
    assert body["can_abort"] is True
    assert operations.post(path, {"cell": north, "reason": "Again"}, **JSON).json()["code"] == "move_under_way"
    jobs = support.get(f"/api/v1/jobs/?kind=move&organization={globex.id}").json()["items"]
    assert [job["id"] for job in jobs if job["kind"] == "move"] == [body["id"]]
    given_up = operations.post(f"{path}abort/", {"reason": "Not today"}, **JSON)
    assert (given_up.status_code, given_up.json()["state"]) == (202, "aborting")
    with tenancy.platform():
        actions = set(PlatformAuditEntry.objects.filter(organization_id=globex.id).values_list("action", flat=True))
        Move.objects.filter(organization_id=globex.id).update(state="aborted")
    assert {"organization.move.asked", "organization.move.aborted"} <= actions
    assert operations.post(f"{path}abort/", {"reason": "Again"}, **JSON).json()["code"] == "move_too_late"


def test_a_cell_that_drains_takes_nobody(globex: TenantRecord, north: str) -> None:
    operations = staff_browser("operations")
    operations.patch("/api/v1/cells/north/", {"state": "draining", "reason": "Full"}, **JSON)
    refused = operations.post(f"/api/v1/organizations/{globex.id}/move/", {"cell": north, "reason": "x"}, **JSON)
    assert (refused.status_code, refused.json()["code"]) == (409, "move_refused")
    assert "takes no organizations" in refused.json()["detail"]
