"""The console as its people use it: from the set-up link to pausing an organization, jobs, flags and support."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import imageio_ffmpeg
import psycopg2
import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.architecture.tree import ROOT
from tests.journeys import organizations
from tests.journeys.conftest import PATIENCE_SECONDS, Product, until
from tests.journeys.organizations import Organization
from tests.journeys.staff import PASSWORD, give_session, looked_at, staff_host, staff_person, violations

Person = Callable[..., Page]
NAME = "Kestrel Aero"
PLACES = [
    "/organizations",
    "/organizations/{organization}",
    "/organizations/{organization}?tab=people",
    "/organizations/{organization}?tab=archives",
    "/organizations/{organization}?tab=notes",
    "/fleet",
    "/jobs",
    "/support",
    "/flags",
    "/announcements",
    "/incidents",
    "/audit",
    "/accounts",
    "/account",
]


@dataclass(frozen=True)
class Desk:
    """An organization and the console's address: what every walk starts from."""

    product: Product
    organization: Organization
    organization_id: str

    def url(self, path: str) -> str:
        """Return an address of the console."""
        return f"http://{staff_host(self.product)}:{self.product.port}{path.format(organization=self.organization_id)}"


@pytest.fixture(scope="module")
def desk(product: Product) -> Desk:
    """An organization with a learner, and nobody on the staff yet."""
    made = organizations.found(product, "kestrel-aero", NAME)
    organizations.join(product, made, "learner", "Leo Learner")
    me = made.owner.call("GET", "/api/v1/organization/")
    return Desk(product, made, me["id"])


@pytest.fixture(scope="module")
def operator(desk: Desk) -> Any:
    """A signed-in caller with the operations role."""
    return staff_person(desk.product, "Dana Osei", "operations,finance")


@pytest.fixture
def console(desk: Desk, operator: Any, person: Person) -> Page:
    """A browser in which an operator is signed in."""
    page = person()
    give_session(page, desk.product, operator)
    page.goto(desk.url("/"))
    expect(page.get_by_role("heading", name="Organizations")).to_be_visible()
    return page


def _because(page: Page, reason: str) -> None:
    page.get_by_role("dialog").get_by_label("Reason").fill(reason)


def test_somebody_new_sets_up_signs_out_and_signs_in(desk: Desk, person: Person) -> None:
    account = ["--email=ines@staff.example", "--name=Ines Kern", "--roles=support"]
    made = subprocess.run(
        [sys.executable, "manage.py", "create_staff", *account],
        cwd=ROOT,
        env={**os.environ, **desk.product.environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    link = made.stdout.strip().splitlines()[-1]
    page = person()
    page.goto(link)
    expect(page.get_by_text("Ines Kern, choose a password")).to_be_visible()
    assert violations(page) == []
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("heading", name="Add a second factor")).to_be_visible()
    expect(page.get_by_alt_text(re.compile("QR code"))).to_be_visible()
    secret = page.locator("code").inner_text().replace(" ", "")
    assert violations(page) == []
    page.get_by_label("Six figures").fill(pyotp.TOTP(secret).now())
    expect(page.get_by_role("heading", name="Keep these recovery codes")).to_be_visible()
    codes = page.get_by_role("list", name="Recovery codes").get_by_role("listitem").all_inner_texts()
    assert len(codes) >= 8
    assert violations(page) == []
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Organizations")).to_be_visible()
    # The link is used up.
    page.goto(link)
    expect(page.get_by_role("heading", name="This link is used up")).to_be_visible()

    page.goto(desk.url("/fleet"))
    page.get_by_role("button", name="Account of Ines Kern").click()
    # What only operations may see is not offered.
    expect(page.get_by_role("menuitem", name="Staff accounts")).to_have_count(0)
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("E-mail")).to_be_visible()
    page.wait_for_load_state("networkidle")  # signing out loads a page of its own: two at once abort each other
    page.goto(desk.url("/jobs"))
    expect(page).to_have_url(re.compile(r"/sign-in\?next="))
    page.get_by_label("E-mail").fill("ines@staff.example")
    page.get_by_label("Password", exact=True).fill("wrong-" + PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="Prove it is you")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Use a recovery code").click()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Confirm").click()
    # Back to where they wanted to go.
    expect(page.get_by_role("heading", name="Jobs", exact=True)).to_be_visible()


def test_an_organization_is_found_by_keyboard_and_by_filter(desk: Desk, console: Page) -> None:
    page = console
    page.keyboard.press("/")
    page.keyboard.type("kestrel")
    expect(page.get_by_role("option", name=re.compile(NAME))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=re.compile(NAME))).to_be_visible()
    expect(page.get_by_role("list", name="Timeline").get_by_role("listitem").first).to_be_visible()

    page.goto(desk.url("/organizations?q=olga@kestrel-aero.example"))
    expect(page.get_by_role("link", name=NAME)).to_be_visible()
    page.get_by_role("button", name=re.compile("^Active")).click()
    expect(page).to_have_url(re.compile("state=active"))
    page.get_by_role("button", name="Views").click()
    page.get_by_label("Save what is shown now").fill("Olga's")
    page.get_by_role("button", name="Save view").click()
    expect(page.get_by_role("button", name="Olga's").first).to_be_visible()
    page.keyboard.press("Escape")

    page.locator("body").click(position={"x": 5, "y": 600})
    page.keyboard.press("j")
    expect(page.get_by_role("link", name=NAME)).to_be_focused()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    text = download.value.path().read_text()
    assert "kestrel-aero" in text
    assert text.count("\n") == 2, "the header and the one organization that fits"


def test_an_organization_is_paused_after_its_effects_were_read_and_let_back(
    desk: Desk, console: Page, person: Person
) -> None:
    page = console
    page.goto(desk.url("/organizations/{organization}"))
    page.get_by_role("button", name="Suspend…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("region", name="What this does")).to_contain_text("2 members can't sign in")
    dialog.get_by_role("button", name="Suspend", exact=True).click()
    expect(dialog.get_by_text("Say why, for whoever reads the log.")).to_be_visible()
    assert violations(page) == []
    _because(page, "Two invoices are unpaid since August.")
    dialog.get_by_role("button", name="Suspend", exact=True).click()
    expect(page.get_by_role("dialog")).to_contain_text("is suspended")
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Suspended")

    visitor = person()
    until(lambda: visitor.goto(desk.product.url("/", desk.organization.slug)).status >= 400, "its page to be closed")  # type: ignore[union-attr]

    page.get_by_role("button", name="Reactivate…").click()
    expect(page.get_by_role("region", name="What this does")).to_contain_text("sign in again")
    _because(page, "Both invoices are paid.")
    page.get_by_role("dialog").get_by_role("button", name="Reactivate", exact=True).click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Active")
    expect(page.get_by_role("list", name="Timeline")).to_contain_text("Both invoices are paid.")
    until(lambda: visitor.goto(desk.product.url("/login", desk.organization.slug)).status == 200, "its page to open")  # type: ignore[union-attr]

    page.goto(desk.url("/audit?action=organization"))
    expect(page.get_by_role("region", name="Audit entries")).to_contain_text("Two invoices are unpaid since August.")


def test_an_archive_is_made_and_its_progress_seen(desk: Desk, console: Page) -> None:
    page = console
    page.goto(desk.url("/organizations/{organization}?tab=archives"))
    page.get_by_role("button", name="Make an archive").click()
    _because(page, "They asked for a copy by phone.")
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    expect(page.get_by_role("list", name="Archives").get_by_text("Ready")).to_be_visible(
        timeout=PATIENCE_SECONDS * 2000
    )
    page.goto(desk.url("/jobs?organization={organization}"))
    expect(page.get_by_role("region", name="Jobs")).to_contain_text("Done")


def test_a_flag_reaches_one_organization_and_is_killed(desk: Desk, console: Page) -> None:
    page = console
    page.goto(desk.url("/flags"))
    page.get_by_role("button", name="New flag").click()
    page.get_by_label("Key").fill("journey.flag")
    page.get_by_label("What it switches").fill("Something new, for few at first.")
    page.get_by_role("button", name="Add flag").click()
    sheet = page.get_by_role("dialog")
    expect(sheet.get_by_text("Off for everyone").first).to_be_visible()
    sheet.get_by_role("combobox").fill("kestrel")
    page.get_by_role("option", name=NAME).click()
    expect(sheet.get_by_text("On for 1 organization")).to_be_visible()
    assert violations(page) == []
    sheet.get_by_role("switch").click()
    expect(sheet.get_by_text("Off for everyone: killed")).to_be_visible()
    page.goto(desk.url("/organizations/{organization}"))
    expect(page.get_by_text("Killed for everyone")).to_be_visible()


def test_an_announcement_shows_in_an_organizations_studio(desk: Desk, console: Page, person: Person) -> None:
    page = console
    page.goto(desk.url("/announcements"))
    page.get_by_role("button", name="New announcement").click()
    page.get_by_label("First sentence").fill("Uploads pause on Sunday at 02:00.")
    page.get_by_label("What else there is to say").fill("They go on by themselves.")
    expect(page.get_by_role("region", name="Preview")).to_contain_text("Uploads pause on Sunday")
    assert violations(page) == []
    page.get_by_role("button", name="Announce", exact=True).click()
    expect(page.get_by_role("listitem").get_by_text("Uploads pause on Sunday").first).to_be_visible()

    owner = person()
    organizations.sign_in(owner, desk.product, desk.organization, "owner")
    said = owner.get_by_text("Uploads pause on Sunday at 02:00.")

    def shown() -> bool:
        # A process knows what is announced for a few seconds before it asks again.
        owner.goto(desk.product.url("/studio", desk.organization.slug))
        owner.wait_for_timeout(1000)
        return said.is_visible()

    until(shown, "the announcement in the studio")


def test_support_access_opens_the_organization_and_ends(desk: Desk, console: Page) -> None:
    page = console
    page.goto(desk.url("/organizations/{organization}?support=1"))
    card = page.get_by_role("region", name="Support access")
    card.get_by_label("Reason").fill("Their report does not load for the owner.")
    card.get_by_label("Ticket").fill("4471")
    with page.context.expect_page() as opened:
        card.get_by_role("button", name=re.compile("Open for 30")).click()
    inside = opened.value
    inside.wait_for_url(lambda url: desk.organization.slug in url and "/support/" not in url)
    page.goto(desk.url("/support"))
    expect(page.get_by_role("list", name="Support access").first).to_contain_text("Their report does not load")
    page.get_by_role("button", name="End all access…").click()
    page.get_by_role("dialog").get_by_role("button", name="End all").click()
    expect(page.get_by_text("Nobody is inside an organization.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_of_the_console_has_a_violation(desk: Desk, operator: Any, person: Person, scheme: str) -> None:
    page = person(color_scheme=scheme)
    give_session(page, desk.product, operator)
    found = [line for place in PLACES for line in looked_at(page, desk.url(place))]
    assert found == []


def test_a_job_that_failed_is_retried_with_a_reason(
    desk: Desk, operator: Any, console: Page, tmp_path_factory: pytest.TempPathFactory
) -> None:
    film = organizations.film(
        imageio_ffmpeg.get_ffmpeg_exe(), tmp_path_factory.mktemp("film") / "knot.mp4", seconds=2, codec="h264"
    )
    asset = _stopped_conversion(desk, film.read_bytes())
    page = console
    page.goto(desk.url("/jobs?state=failed"))
    row = page.get_by_role("row", name=re.compile(asset))
    expect(row).to_contain_text("The converter stopped.")
    row.get_by_role("button", name="Retry").click()
    _because(page, "The converter was updated.")
    page.get_by_role("dialog").get_by_role("button", name="Retry").click()
    expect(page.get_by_role("dialog")).to_have_count(0)

    def done() -> bool:
        jobs = operator.call("GET", f"/api/v1/jobs/?kind=transcode&organization={desk.organization_id}")["items"]
        return all(job["state"] == "done" for job in jobs if asset in job["subject"])

    until(done, "the conversion to be made after all", seconds=180)
    page.goto(desk.url("/audit?action=job"))
    expect(page.get_by_role("region", name="Audit entries")).to_contain_text("The converter was updated.")


def _stopped_conversion(desk: Desk, content: bytes) -> str:
    """Upload a film and let its ladder stand there as failed, as after a crash of the converter; return its asset."""
    # A fresh sign-in: pausing the organization has ended every session there was.
    owner = organizations.caller(desk.product, desk.organization, "owner")
    wish = {"name": "knot.mp4", "size_bytes": len(content), "content_type": "video/mp4", "fingerprint": "journey"}
    upload = owner.call("POST", "/api/v1/uploads/", wish)
    path = f"/api/v1/uploads/{upload['id']}/"
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    part = owner.call("POST", f"{path}parts/", {"parts": [{"number": 1, "sha256": digest}]})["items"][0]
    # The store's host name resolves in browsers; here its address is asked for by that name.
    url = urlsplit(part["url"])
    direct = url._replace(netloc=f"127.0.0.1:{url.port}").geturl()
    httpx.put(direct, content=content, headers={**part["headers"], "Host": url.netloc}, timeout=60).raise_for_status()
    owner.call("POST", f"{path}completion/")
    asset: str = upload["asset_id"]
    until(
        lambda: owner.call("GET", f"/api/v1/assets/{asset}/")["state"] == "ready", "the film to be ready", seconds=180
    )
    stopped = """UPDATE media_transcodejob SET state = 'failed', error_title = 'The converter stopped.'
                 WHERE asset_id = %s AND stage = 'ladder'"""
    link = psycopg2.connect(desk.product.environment["LMS_DATABASE_URL"])
    try:
        with link, link.cursor() as cursor:
            cursor.execute("SET ROLE r_platform")
            cursor.execute(stopped, [asset])
            assert cursor.rowcount > 0
    finally:
        link.close()
    return asset
