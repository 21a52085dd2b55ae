"""Every page that exists: no accessibility violation in light and dark, on a desk and on a phone, by keyboard alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.architecture.tree import ROOT
from tests.journeys import organizations
from tests.journeys.conftest import Product
from tests.journeys.organizations import Organization

Person = Callable[..., Page]
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
PHONE = {"width": 390, "height": 844}
# What a keyboard reached: enough of it to tell one place from another.
FOCUSED = """() => {
  const at = document.activeElement;
  if (!at || at === document.body) return null;
  const box = at.getBoundingClientRect();
  const style = getComputedStyle(at);
  const ring = style.outlineStyle !== 'none' || style.boxShadow !== 'none' || at.matches(':focus-visible');
  const name = at.getAttribute('name') || at.textContent.trim().slice(0, 40);
  return [at.tagName, name, Math.round(box.x), Math.round(box.y), ring];
}"""

REACHABLE = """() => {
  const all = document.querySelectorAll('a[href], button:not([disabled]), input:not([type=hidden]):not([disabled])');
  const seen = (one) => one.checkVisibility({ visibilityProperty: true }) && one.tabIndex >= 0;
  return [...all].filter(seen).length;
}"""


@dataclass(frozen=True)
class Place:
    """A page: its path, who looks at it (None: nobody signed in), and on which host (None: the organization's)."""

    path: str
    role: str | None = None
    host: str | None = None


PLACES = [
    Place("/", host=""),
    Place("/terms", host=""),
    Place("/pricing", host=""),
    Place("/sign-up/organization", host=""),
    Place("/", host="staff"),
    Place("/", host="mail"),
    Place("/login"),
    Place("/password/forgot"),
    Place("/", role="learner"),
    Place("/catalogue", role="learner"),
    Place("/home", role="learner"),
    Place("/courses/{course}", role="learner"),
    Place("/learn/{enrollment}/{item}", role="learner"),
    Place("/studio", role="owner"),
    Place("/studio/courses", role="owner"),
    Place("/studio/courses/{course}", role="owner"),
    Place("/studio/people", role="owner"),
    Place("/studio/media", role="owner"),
    Place("/studio/settings/billing", role="owner"),
    Place("/nothing-is-here", role="learner"),
]


@dataclass(frozen=True)
class School:
    """An organization with people, and what the paths of its pages name."""

    organization: Organization
    names: dict[str, str]


@pytest.fixture(scope="module")
def school(product: Product) -> School:
    """A school with a course of words, on which its learner is enrolled."""
    made = organizations.found(product, "atlas", "Atlas School")
    organizations.join(product, made, "learner", "Leo Learner")
    organizations.join(product, made, "author", "Avery Author")
    course, items = organizations.write_course(made, "Maps", {"Which way is north": None})
    made.owner.call("POST", f"/api/v1/courses/{course}/enrollments/", {"email": made.members["learner"]})
    learner = organizations.caller(product, made, "learner")
    enrollment = learner.call("GET", "/api/v1/enrollments/")["items"][0]["id"]
    return School(made, {"course": course, "item": items["Which way is north"], "enrollment": enrollment})


@pytest.fixture(scope="module")
def sessions(product: Product, school: School, chromium: Any) -> dict[str, Any]:
    """The cookies of each role, from one sign-in."""
    states = {}
    for role in ("owner", "learner"):
        context = chromium.new_context()
        organizations.sign_in(context.new_page(), product, school.organization, role)
        states[role] = context.storage_state()
        context.close()
    return states


def _open(product: Product, school: School, page: Page, place: Place) -> None:
    host = school.organization.slug if place.host is None else place.host
    page.goto(product.url(place.path.format(**school.names), host))
    expect(page.locator("main, [role=main]").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    if place.role:
        roles = page.evaluate("() => fetch('/api/v1/me/').then((answer) => answer.json()).then((me) => me.roles)")
        assert roles == [place.role]


def _violations(page: Page) -> list[str]:
    # In the page's own world by the debugger's hand: its security policy lets in no script but its own.
    page.evaluate(AXE.read_text() + "; null")
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [f"{entry['id']} ({entry['impact']}): {_where(entry)}" for entry in found["violations"]]


def _where(entry: dict[str, Any]) -> str:
    return ", ".join(" ".join(map(str, node["target"])) for node in entry["nodes"][:4])


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.role or place.host or 'visitor'}:{place.path}")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_has_a_violation(
    product: Product, school: School, sessions: dict[str, Any], person: Person, place: Place, scheme: str
) -> None:
    options = {"storage_state": sessions[place.role]} if place.role else {}
    page = person(color_scheme=scheme, **options)
    _open(product, school, page, place)
    found = _violations(page)
    page.set_viewport_size(PHONE)
    page.wait_for_timeout(100)
    found += [f"on a phone: {violation}" for violation in _violations(page)]
    overflow = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert found == []
    assert overflow <= 0, "the page is wider than a phone"


@pytest.mark.parametrize("place", PLACES, ids=lambda place: f"{place.role or place.host or 'visitor'}:{place.path}")
def test_a_keyboard_reaches_everything_and_shows_where_it_is(
    product: Product, school: School, sessions: dict[str, Any], person: Person, place: Place
) -> None:
    page = person(**({"storage_state": sessions[place.role]} if place.role else {}))
    _open(product, school, page, place)
    reachable = page.evaluate(REACHABLE)
    visited: list[Any] = []
    for _ in range(min(reachable + 5, 80)):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is not None:
            visited.append(at)
    assert visited, "Tab reaches nothing"
    assert [at for at in visited if not at[4]] == [], "focus that cannot be seen"
    assert len({tuple(at[:4]) for at in visited}) >= min(reachable, 80) * 0.6


def test_the_palette_follows_the_person_and_the_brand_stays_readable(
    product: Product, school: School, sessions: dict[str, Any], person: Person
) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page = person(color_scheme=scheme, storage_state=sessions["learner"])
        _open(product, school, page, Place("/catalogue", role="learner"))
        grounds.append(page.evaluate("() => getComputedStyle(document.body).backgroundColor"))
    assert grounds[0] != grounds[1]


def test_an_invitation_is_followed_from_its_mail(product: Product, school: School, person: Person) -> None:
    organization = school.organization
    organization.owner.call("POST", "/api/v1/invitations/", {"email": "ivy@atlas.example", "role": "learner"})
    link = product.mail_to("ivy@atlas.example", r"(http://\S+/invitation/\S+)")
    page = person()
    page.goto(link)
    page.get_by_label("Your name").fill("Ivy Invited")
    page.locator("input[autocomplete=new-password]").fill("correct-horse-battery-9")
    page.locator("form button[type=submit]").click()
    page.wait_for_url(lambda url: "/invitation" not in url)
    me = page.evaluate("() => fetch('/api/v1/me/').then((answer) => answer.json())")
    assert (me["member"]["name"], me["roles"]) == ("Ivy Invited", ["learner"])


def test_a_password_is_reset_from_its_mail(product: Product, school: School, person: Person) -> None:
    organization = school.organization
    email = organization.members["author"]
    page = person()
    page.goto(product.url("/password/forgot", organization.slug))
    page.locator("input[type=email]").fill(email)
    page.locator("form button[type=submit]").click()
    page.goto(product.mail_to(email, r"(http://\S+/password/reset/\S+)"))
    page.locator("input[autocomplete=new-password]").first.fill("another-battery-horse-7")
    page.locator("form button[type=submit]").click()
    page.wait_for_url(lambda url: "/password/reset" not in url)
    status = page.evaluate("() => fetch('/api/v1/me/').then((answer) => answer.status)")
    assert status in (200, 401)  # signed in at once, or asked to sign in with the new password
    if status == 401:
        page.goto(product.url("/login", organization.slug))
        page.locator("input[type=email]").fill(email)
        page.locator("input[type=password]").fill("another-battery-horse-7")
        page.locator("form button[type=submit]").click()
        page.wait_for_url(lambda url: "/login" not in url)
