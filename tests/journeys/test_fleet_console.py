"""The fleet as staff steer it: a release held and let go, one that failed tried again, who is idle, cells, a move."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import psycopg2
import pytest
from playwright.sync_api import Page, expect

from devstack import embedded
from tests.architecture.tree import ROOT
from tests.journeys import organizations
from tests.journeys.conftest import PATIENCE_SECONDS, Product, until
from tests.journeys.organizations import Organization
from tests.journeys.staff import give_session, looked_at, staff_host, staff_person, violations
from tests.support.fleet import NEWEST, Fleet

Person = Callable[..., Page]
# The provisioner looks for what is left of a release three times a minute.
LONG_MS = PATIENCE_SECONDS * 3000
PLACES = [
    "/fleet",
    "/fleet/releases",
    "/fleet/releases?state=done",
    "/fleet/dispatcher",
    "/fleet/capacity",
    "/fleet/capacity?days=1&order=-storage",
    "/fleet/cells",
    "/fleet/policy",
    "/organizations/{organization}",
]


@dataclass(frozen=True)
class Desk:
    """Two organizations, what the owning login can do, and the console's address."""

    product: Product
    first: Organization
    second: Organization
    ids: tuple[str, str]
    fleet: Fleet

    def url(self, path: str) -> str:
        """Return an address of the console."""
        return f"http://{staff_host(self.product)}:{self.product.port}{path.format(organization=self.ids[1])}"


@pytest.fixture(scope="module")
def desk(product: Product) -> Iterator[Desk]:
    """Two organizations of their own; the first is the canary of every release."""
    made = [organizations.found(product, slug, name) for slug, name in (("merlin", "Merlin"), ("harrier", "Harrier"))]
    first, second = (found.owner.call("GET", "/api/v1/organization/")["id"] for found in made)
    environment = {
        **os.environ,
        **product.environment,
        **product.environment.owner,
        "LMS_FLEET_CANARIES": made[0].host,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
    }
    fleet = Fleet(environment)
    yield Desk(product, made[0], made[1], (first, second), fleet)
    fleet.close()


@pytest.fixture(scope="module")
def operator(desk: Desk) -> Any:
    """A signed-in caller with the operations role."""
    return staff_person(desk.product, "Femi Adeyemi", "operations")


@pytest.fixture
def console(desk: Desk, operator: Any, person: Person) -> Page:
    """A browser in which an operator is signed in."""
    page = person()
    give_session(page, desk.product, operator)
    return page


def _because(page: Page, act: str, reason: str) -> None:
    dialog = page.get_by_role("dialog")
    assert violations(page) == []
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=act, exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _put_back(desk: Desk) -> None:
    """Both organizations are on the release before again; the second has its column already, added by hand."""
    fleet, ids = desk.fleet, list(desk.ids)
    fleet.sql(
        "UPDATE tenants_schemarelease SET state = 'waiting', ring = '', reason = '', started_at = NULL,"
        " finished_at = NULL, seen_at = NULL WHERE number = %s",
        NEWEST,
    )
    for found in ids:
        fleet.sql(f'ALTER TABLE "{fleet.schema(found)}"._tenant DROP COLUMN frozen_at')
    fleet.sql(f'ALTER TABLE "{fleet.schema(ids[1])}"._tenant ADD COLUMN frozen_at text')
    fleet.sql("DELETE FROM tenants_datasteprun WHERE organization_id = ANY(%s::uuid[])", ids)
    back = "UPDATE tenants_schemaledger SET release_id = %s, ring = '' WHERE organization_id = ANY(%s::uuid[])"
    fleet.sql(back, NEWEST - 1, ids)


def _ended(desk: Desk) -> Any:
    """Return when the last try for the second organization ended."""
    return desk.fleet.sql(
        "SELECT finished_at FROM tenants_schemaledger WHERE organization_id = %s AND release_id = %s",
        desk.ids[1],
        NEWEST,
    )


@contextmanager
def _held(desk: Desk) -> Iterator[None]:
    """Somebody reads the second organization's stamp in a transaction that does not end."""
    link = psycopg2.connect(desk.fleet.environment["LMS_OWNER_DATABASE_URL"])
    with link.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{desk.fleet.schema(desk.ids[1])}"._tenant')
    try:
        yield
    finally:
        link.rollback()
        link.close()


def test_a_release_is_paused_goes_on_and_whoever_failed_is_tried_again(desk: Desk, console: Page) -> None:
    page, fleet = console, desk.fleet
    _put_back(desk)
    page.goto(desk.url("/fleet/releases"))
    panel = page.get_by_role("region", name=f"Release {NEWEST:04}")
    expect(panel).to_contain_text("Nobody has begun it.")

    with _held(desk):
        runner = subprocess.Popen(
            [sys.executable, "manage.py", "migrate_fleet"],
            cwd=ROOT, env=fleet.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        # The page looks again by itself; what it waits for here takes half a minute at most.
        expect(panel).to_contain_text("A runner is at it.", timeout=LONG_MS)
        expect(panel.get_by_role("row", name=re.compile("Canaries"))).to_contain_text("1 of 1")
        panel.get_by_role("button", name="Pause…").click()
        _because(page, "Pause", "The mail server is being restarted.")
        expect(panel).to_contain_text("Somebody paused it.")
        expect(panel).to_contain_text("The mail server is being restarted.")
        said, _ = runner.communicate(timeout=PATIENCE_SECONDS * 2)
        assert runner.returncode == 2, said
    refused = fleet.manage("migrate_fleet")
    assert refused.returncode == 2
    assert "paused" in refused.stderr

    panel.get_by_role("button", name="Go on…").click()
    _because(page, "Go on", "It answers again.")
    # Nobody starts anything: the provisioner takes up what was left.
    failed = panel.get_by_role("list", name="Organizations", exact=True).get_by_role("listitem")
    expect(failed).to_contain_text("already exists", timeout=LONG_MS)
    expect(failed.get_by_role("link", name="Harrier")).to_have_attribute("href", f"/organizations/{desk.ids[1]}")
    assert violations(page) == []

    before = _ended(desk)
    failed.get_by_role("button", name="Try again…").click()
    _because(page, "Try again", "Perhaps it was nothing.")
    until(lambda: fleet.row(desk.ids[1])["state"] == "failed" and _ended(desk) != before, "it to fail once more")
    expect(failed).to_contain_text("already exists")

    fleet.sql(f'ALTER TABLE "{fleet.schema(desk.ids[1])}"._tenant DROP COLUMN frozen_at')
    panel.get_by_role("button", name="Try 1 again…").click()
    _because(page, "Try again", "The column that was added by hand is gone.")
    expect(panel).to_contain_text(re.compile("All .* organizations have it"), timeout=LONG_MS)
    expect(panel.get_by_role("button", name=re.compile("again"))).to_have_count(0)
    assert fleet.is_whole(desk.ids[1])

    page.goto(desk.url("/audit?action=schema_release"))
    entries = page.get_by_role("region", name="Audit entries")
    for reason in (
        "The mail server is being restarted.",
        "It answers again.",
        "The column that was added by hand is gone.",
    ):
        expect(entries).to_contain_text(reason)


def test_a_schema_that_somebody_changed_by_hand_is_seen(desk: Desk, console: Page) -> None:
    table = f'"{desk.fleet.schema(desk.ids[0])}".accounts_member'
    desk.fleet.sql(f"ALTER TABLE {table} ADD COLUMN by_hand text")
    try:
        assert desk.fleet.manage("check_fleet").returncode == 1
        console.goto(desk.url("/fleet/releases"))
        drifted = console.get_by_role("list", name="Schemas that drifted")
        expect(drifted).to_contain_text("Merlin")
        expect(drifted).to_contain_text("column accounts_member.by_hand")
        assert violations(console) == []
    finally:
        desk.fleet.sql(f"ALTER TABLE {table} DROP COLUMN by_hand")
    assert desk.fleet.manage("check_fleet").returncode == 0
    console.reload()
    expect(console.get_by_text("as they should be.")).to_be_visible()


def test_the_dispatcher_says_who_leads_what_is_due_and_what_waits(desk: Desk, console: Page) -> None:
    page = console
    page.goto(desk.url("/fleet"))
    page.get_by_role("navigation", name="Fleet").get_by_role("link", name="Dispatcher").click()
    expect(page.get_by_role("heading", name="Dispatcher")).to_be_visible()
    expect(page.get_by_text("Leads since")).to_be_visible()
    duties = page.get_by_role("region", name="Duties of the platform")
    expect(duties.get_by_role("row", name=re.compile("tenants.refill_pool"))).to_contain_text("ms")
    expect(page.get_by_role("region", name="Queues of the workers")).to_contain_text("events")
    expect(page.get_by_text("No answer")).to_have_count(0)


def test_idle_organizations_are_listed_and_taken_along(desk: Desk, console: Page) -> None:
    page = console
    # Nobody was seen there for two hundred days: what the page would show after two hundred days.
    member = f'"{desk.fleet.schema(desk.ids[0])}".accounts_member'
    desk.fleet.sql(f"UPDATE {member} SET last_seen_on = current_date - 200")
    desk.fleet.sql("UPDATE staff_organizationstat SET due = true WHERE organization_id = %s", desk.ids[0])
    page.goto(desk.url("/fleet/capacity"))
    # The figures are counted behind, and the page looks again by itself.
    expect(page.get_by_role("link", name="Merlin")).to_be_visible(timeout=LONG_MS)
    table = page.get_by_role("region", name="Idle organizations").get_by_role("row", name=re.compile("Merlin"))
    expect(table).to_contain_text("200 days")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    lines = download.value.path().read_text().splitlines()
    assert len(lines) == 2, "the header and the one that is idle"
    assert "Merlin" in lines[1]
    page.get_by_role("button", name="365 days").click()
    expect(page).to_have_url(re.compile("days=365"))
    expect(page.get_by_text("Somebody was seen in every organization")).to_be_visible()


def test_a_cell_is_closed_and_a_move_that_cannot_be_made_says_why(desk: Desk, console: Page) -> None:
    page = console
    for name, address in (("north", "127.0.0.1:9"), ("south", "127.0.0.1:10")):
        made = desk.fleet.manage("add_cell", name, "--region", "eu", "--capacity", "1500", "--address", address)
        assert made.returncode == 0, made.stderr
    page.goto(desk.url("/fleet/cells"))
    cells = page.get_by_role("region", name="Cells")
    cells.get_by_role("button", name="Close south").click()
    _because(page, "Close it", "Its disk is nearly full.")
    expect(cells.get_by_role("row", name=re.compile("south"))).to_contain_text("Takes no more")

    page.goto(desk.url("/organizations/{organization}"))
    page.get_by_role("button", name="Move to another cell…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="What this does")).to_contain_text("Reading, watching")
    expect(dialog.get_by_role("option", name=re.compile("^south"))).to_be_disabled()
    dialog.get_by_label("To the cell").select_option("north")
    _because(page, "Move it", "They asked to be nearer to their people.")
    # The archivist was given no login for that cell, and says so.
    expect(page.get_by_text("has no database of the cell north")).to_be_visible(timeout=LONG_MS)
    expect(page.get_by_role("list", name="Steps of the move")).to_be_visible()
    page.reload()
    asked = page.get_by_role("list", name="Timeline").get_by_role("listitem").filter(has_text="Move asked for")
    expect(asked).to_contain_text("local to north · They asked to be nearer to their people.")
    assert violations(page) == []
    page.goto(desk.url("/fleet/cells"))
    expect(page.get_by_role("region", name="Jobs")).to_contain_text("Harrier")


@contextmanager
def _east(desk: Desk) -> Iterator[Fleet]:
    """The cell ``east``, a PostgreSQL of its own; the archivist is given its login as a deployment does: in a file."""
    archivist = desk.product.environment.state()["parts"]["archivist"]
    with embedded.running({"postgres"}, fsync=False) as other:
        urls = {name: url for name, url in other.items() if "DATABASE_URL" in name}
        cell = Fleet({**desk.fleet.environment, **urls, **other.owner, "LMS_CELL": "east"})
        try:
            for fleet, arguments in (
                (cell, ["prepare_database", "--verbosity=0"]),
                (cell, ["add_cell", "local", "--address", "127.0.0.1:9"]),
                (desk.fleet, ["add_cell", "east", "--region", "eu-east", "--address", "127.0.0.1:9"]),
            ):
                done = fleet.manage(*arguments)
                assert done.returncode == 0, done.stdout + done.stderr
            desk.product.cell_databases.write_text(json.dumps({"east": other.owner["LMS_OWNER_DATABASE_URL"]}))
            os.kill(archivist["pid"], signal.SIGTERM)

            def is_back() -> bool:
                found = desk.product.environment.state()["parts"]["archivist"]
                return found["restarts"] > archivist["restarts"] and found["phase"] == "ready"

            until(is_back, "the archivist to know the other cell")
            yield cell
        finally:
            cell.close()


@contextmanager
def _writing(desk: Desk, organization: str) -> Iterator[None]:
    """Somebody's transaction that writes members does not end: a freeze waits for it."""
    link = psycopg2.connect(desk.fleet.environment["LMS_OWNER_DATABASE_URL"])
    try:
        with link.cursor() as cursor:
            cursor.execute(f'LOCK TABLE "{desk.fleet.schema(organization)}".accounts_member IN ROW EXCLUSIVE MODE')
        yield
    finally:
        link.close()


def _ask_for_the_move(page: Page, reason: str) -> None:
    page.get_by_role("button", name="Move to another cell…").click()
    page.get_by_role("dialog").get_by_label("To the cell").select_option("east")
    _because(page, "Move it", reason)


def test_a_move_is_given_up_asked_for_again_and_watched_to_its_end(desk: Desk, console: Page, person: Person) -> None:
    made = organizations.found(desk.product, "osprey", "Osprey")
    osprey = made.owner.call("GET", "/api/v1/organization/")["id"]
    organizations.join(desk.product, made, "learner", "Lena Learner")
    course, items = organizations.write_course(made, "Winds", {"Where it blows from": None}, words="manual")
    made.owner.call("POST", f"/api/v1/courses/{course}/enrollments/", {"email": made.members["learner"]})
    learner = organizations.caller(desk.product, made, "learner")
    enrollment = learner.call("GET", "/api/v1/enrollments/")["items"][0]["id"]
    reader = person()
    organizations.sign_in(reader, desk.product, made, "learner")
    reader.goto(desk.product.url(f"/learn/{enrollment}/{items['Where it blows from']}", "osprey"))
    expect(reader.get_by_role("button", name="Mark complete").first).to_be_visible()

    page, bar = console, "Being moved to another machine."
    with _east(desk) as east:
        page.goto(desk.url(f"/organizations/{osprey}"))
        cell = page.locator("section").filter(has=page.get_by_role("heading", name="Cell", exact=True))
        with _writing(desk, osprey):
            _ask_for_the_move(page, "Nearer to its people.")
            steps = page.get_by_role("list", name="Steps of the move")
            expect(steps.get_by_role("listitem").first).to_contain_text("Done: Writes wait", timeout=LONG_MS)
            expect(cell).to_contain_text("Being moved")
            assert violations(page) == []
            # Whoever learns reads on; what they do waits on the page, and nobody has to do it twice.
            reader.get_by_role("button", name="Mark complete").first.click()
            expect(reader.get_by_text(bar)).to_be_visible()
            expect(reader.get_by_text("North is up on most maps.")).to_be_visible()
            assert violations(reader) == []
            page.get_by_role("button", name="Give the move up…").click()
            _because(page, "Give it up", "Not in the middle of a lesson.")
        expect(cell).to_contain_text("Given up", timeout=LONG_MS)
        expect(reader.get_by_text("Completed").first).to_be_visible(timeout=LONG_MS)
        expect(reader.get_by_text(bar)).to_have_count(0)
        assert east.sql("SELECT id FROM tenants_organization") == []

        _ask_for_the_move(page, "In the evening, then.")
        expect(cell).to_contain_text("Moved", timeout=LONG_MS)
        # Nothing is loaded anew by hand: where it lives now is where the page says that it does.
        expect(cell).to_contain_text("served there, not here")
        expect(page.get_by_role("button", name="Move to another cell…")).to_have_count(0)
        expect(steps.get_by_role("listitem").filter(has_text="Done:")).to_have_count(5)
        expect(cell).to_contain_text(re.compile(r"Changes waited for .*\ss\."))
        asked = page.get_by_role("list", name="Timeline").get_by_role("listitem").filter(has_text="Move asked for")
        expect(asked.filter(has_text="local to east · In the evening, then.")).to_have_count(1)
        assert violations(page) == []

        assert east.sql("SELECT cell, frozen_at FROM tenants_organization") == [("east", None)]
        done = f'SELECT state FROM "{east.schema(osprey)}".progress_itemprogress'
        assert east.sql(done) == [("completed",)]
    page.goto(desk.url("/fleet/cells"))
    expect(page.get_by_role("region", name="Cells").get_by_role("row", name=re.compile("east"))).to_contain_text("1")


def test_what_browsers_report_is_seen_and_forgotten(desk: Desk, console: Page) -> None:
    page = console
    desk.fleet.sql("DELETE FROM staff_policyviolation")  # what other journeys' pages have tried
    page.goto(desk.url("/fleet/policy"))
    expect(page.get_by_role("heading", name="Nothing was reported")).to_be_visible()
    # What an own browser does: a page of an organization on which somebody tries a script of theirs.
    host = f"merlin.{desk.product.environment.settings.site_host}:{desk.product.port}"
    told = {"effectiveDirective": "script-src-elem", "blockedURL": "https://cdn.evil.example/x.js"}
    report = {"type": "csp-violation", "body": {**told, "documentURL": f"http://{host}/courses/7"}}
    inline = {"type": "csp-violation", "body": {**told, "blockedURL": "inline", "documentURL": f"http://{host}/home"}}
    for body in ([report] * 3, [inline]):
        answer = httpx.post(
            f"http://127.0.0.1:{desk.product.port}/csp-reports/",
            headers={"Host": host, "Content-Type": "application/reports+json"},
            content=json.dumps(body),
            timeout=60,
        )
        assert answer.status_code == 204
    page.reload()
    row = page.get_by_role("row", name=re.compile(r"evil\.example"))
    expect(row).to_contain_text("/courses/*")
    expect(row).to_contain_text("3")
    assert violations(page) == []
    page.get_by_role("button", name="Site").click()
    expect(page.get_by_text("No page of this surface")).to_be_visible()
    page.get_by_role("button", name="All").click()
    row.get_by_role("button", name=re.compile("Forget")).click()
    expect(row).to_have_count(0)
    expect(page.get_by_role("row", name=re.compile("written into the page"))).to_be_visible()


def test_what_an_owner_typed_is_kept_while_the_organization_is_being_moved(desk: Desk, person: Person) -> None:
    page = person()
    organizations.sign_in(page, desk.product, desk.second, "owner")
    page.goto(desk.product.url("/studio/courses", desk.second.slug))
    page.get_by_role("button", name="New course").first.click()
    page.get_by_label("Title").fill("Flying by night")
    schema = desk.fleet.schema(desk.ids[1])
    desk.fleet.sql(f'UPDATE "{schema}"._tenant SET frozen_at = now()')
    try:
        page.get_by_role("button", name="Create course").click()
        expect(page.get_by_text("Being moved to another machine.")).to_be_visible()
        expect(page.get_by_label("Title")).to_have_value("Flying by night")
        expect(page.get_by_text("What you just did is kept here and saved in a moment.")).to_be_visible()
        assert violations(page) == []
    finally:
        desk.fleet.sql(f'UPDATE "{schema}"._tenant SET frozen_at = NULL')
    # Nobody presses anything again.
    expect(page).to_have_url(re.compile("/studio/courses/[0-9a-f-]{36}"), timeout=LONG_MS)
    expect(page.get_by_text("Being moved to another machine.")).to_have_count(0)
    titles = [course["title"] for course in desk.second.owner.call("GET", "/api/v1/courses/")["items"]]
    assert titles.count("Flying by night") == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_fleet_has_a_violation(desk: Desk, operator: Any, person: Person, scheme: str) -> None:
    page = person(color_scheme=scheme)
    give_session(page, desk.product, operator)
    assert [line for place in PLACES for line in looked_at(page, desk.url(place))] == []
