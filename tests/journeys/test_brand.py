"""An organization looks like itself: edited on its own pages, published for everybody, and nobody else's anywhere."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from devstack.demo import brand as drawn
from tests.architecture.tree import ROOT
from tests.contracts.test_white_label import named
from tests.journeys import organizations
from tests.journeys.conftest import Product
from tests.journeys.organizations import Organization

Person = Callable[..., Page]
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
DIST = ROOT / "frontend/dist"
PHONE = {"width": 390, "height": 844}
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VARIABLE = "name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()"
FACE_IS_THERE = "face => document.fonts.ready.then(() => document.fonts.check(`600 20px '${face}'`))"
SHIFTS = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => { sum += entry.value; }))
    .observe({ type: 'layout-shift', buffered: true });
  setTimeout(() => done(sum), 400);
})"""


def see(page: Page, name: str, tmp_path: Path) -> None:
    """Keep a picture of the page; where ``LMS_SCREENSHOTS`` names a folder, there."""
    folder = Path(os.environ.get("LMS_SCREENSHOTS") or tmp_path)
    folder.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=folder / f"{name}.png")


def assert_accessible(page: Page, what: str) -> None:
    page.evaluate(AXE.read_text() + "\n; undefined")
    found = page.evaluate(
        "tags => axe.run(document, { runOnly: tags, iframes: false }).then((told) => told.violations)", TAGS
    )
    assert [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found] == [], what


@pytest.fixture(scope="module")
def harbour(product: Product) -> Organization:
    made = organizations.found(product, "pier", "Harbour School")
    organizations.write_course(made, "Knots that hold", {"The bowline": None})
    organizations.join(product, made, "learner", "Lena Learner")
    return made


def dress(organization: Organization, light: bytes, dark: bytes, **look: Any) -> None:
    """Publish a brand by the calls that the editor makes."""
    owner = organization.owner
    path = "/api/v1/brand/"
    for use, picture in {"logo_light": light, "logo_dark": dark, "favicon": light}.items():
        look[use] = owner.upload(f"{path}images/?use={use}", picture, "image/svg+xml")["id"]
    told = owner.call("GET", path)
    saved = owner.call("PUT", path, look, **{"If-Match": f'"{told["revision"]}"'})
    owner.call("POST", f"{path}publication/", **{"If-Match": f'"{saved["revision"]}"'})


def test_a_brand_is_edited_on_real_pages_and_published(
    person: Person, product: Product, harbour: Organization, tmp_path: Path
) -> None:
    page, visitor = person(), person()
    organizations.sign_in(page, product, harbour, "owner")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(product.url("/studio/branding", "pier"))
    expect(page.get_by_role("heading", name="Branding")).to_be_visible()
    colour = page.get_by_label("Colour as a hex value")
    before = page.evaluate("() => fetch('/api/v1/brand/').then((answer) => answer.json())")["published"]["color"]

    # A colour that no label can be read on in the dark is taken, and what becomes of it is said.
    colour.fill("#0B5D3B")
    expect(page.get_by_text("In the dark it would sink into the page; buttons there use #67C091.")).to_be_visible()
    frame = page.frame_locator("iframe[title='Preview in light']").first
    expect(frame.get_by_role("button", name="Sign in", exact=True)).to_have_css("background-color", "rgb(11, 93, 59)")
    page.get_by_role("radio", name="Newsreader").click()
    page.get_by_label("Headline").fill("Ropes, knots and weather")
    page.get_by_label("Footer line").fill("Harbour School, Rotterdam")
    page.get_by_label("Replies go to").fill("help@pier.example")
    light, dark = drawn._lanes()
    page.get_by_label("On light").set_input_files({"name": "leaf.svg", "mimeType": "image/svg+xml", "buffer": light})
    page.get_by_label("On dark").set_input_files({"name": "leaf.svg", "mimeType": "image/svg+xml", "buffer": dark})
    for use in ("On light", "On dark"):
        expect(page.get_by_role("button", name=f"Remove: {use}")).to_be_attached()
    expect(page.get_by_text("Draft saved")).to_be_visible()
    expect(page.locator("iframe[title='Preview in dark']")).to_have_count(1)
    inside = page.frame_locator("iframe[title='Preview in dark']")
    expect(inside.locator("html")).to_have_attribute("data-theme", "dark")
    expect(inside.get_by_text("Harbour School, Rotterdam")).to_be_visible()
    see(page, "editor.light", tmp_path)
    assert_accessible(page, "editor, light")

    # A file that can't be used is refused in words, and the picture stays.
    page.get_by_label("Icon, 512 px").set_input_files(
        {"name": "icon.png", "mimeType": "image/png", "buffer": b"\x89PNG no picture"}
    )
    expect(page.get_by_text("This file can't be read as a picture.")).to_be_visible()

    # Nobody else sees the draft.
    visitor.goto(product.url("/login", "pier"))
    assert visitor.evaluate(VARIABLE, "--brand-solid") == before

    # One step back, and forth again.
    page.get_by_role("heading", name="Branding").click()
    colour.fill("#C4185C")
    expect(page.get_by_text("Draft saved")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(colour).to_have_value("#0B5D3B")
    expect(page.get_by_text("Draft saved")).to_be_visible()

    # The mail that would go out.
    page.get_by_role("radio", name="E-mail").click()
    expect(page.get_by_text("Olga Owner invited you to Harbour School")).to_be_visible()
    expect(page.get_by_text("help@pier.example")).to_be_visible()
    see(page, "editor.mail", tmp_path)

    page.get_by_role("button", name="Publish brand").click()
    dialog = page.get_by_role("dialog")
    for changed in ("Colour", "Headings", "Logo on light", "Headline", "Footer line", "Replies go to"):
        expect(dialog.get_by_text(changed, exact=True)).to_be_visible()
    see(page, "editor.publish", tmp_path)
    dialog.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Published").first).to_be_visible()

    visitor.reload()
    expect(visitor.get_by_text("Ropes, knots and weather")).to_be_visible()
    assert visitor.evaluate(VARIABLE, "--brand-solid") == "#0b5d3b"
    assert "Newsreader" in visitor.evaluate(VARIABLE, "--font-head")
    assert visitor.evaluate(
        "() => document.fonts.ready.then(() => document.fonts.check(\"600 20px 'Newsreader Variable'\"))"
    )

    # What was before comes back as a draft.
    page.get_by_role("button", name="Earlier looks").click()
    page.get_by_role("button", name="Bring back").first.click()
    expect(colour).to_have_value(before.upper())
    page.get_by_role("button", name="Discard").first.click()
    expect(colour).to_have_value("#0B5D3B")


def test_the_editor_on_a_phone_and_in_the_dark(
    person: Person, product: Product, harbour: Organization, tmp_path: Path
) -> None:
    for name, options in (("dark", {"color_scheme": "dark"}), ("phone", {"has_touch": True, "is_mobile": True})):
        page = person(**options)
        organizations.sign_in(page, product, harbour, "owner")
        page.set_viewport_size(PHONE if name == "phone" else {"width": 1440, "height": 900})
        page.goto(product.url("/studio/branding", "pier"))
        expect(page.get_by_label("Colour as a hex value")).to_be_visible()
        page.wait_for_timeout(1500)
        see(page, f"editor.{name}", tmp_path)
        assert_accessible(page, f"editor, {name}")
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name
        if name == "phone":
            page.get_by_role("radio", name="Preview").click()
            expect(page.locator("iframe").first).to_be_visible()
            page.wait_for_timeout(1500)
            see(page, "editor.phone.preview", tmp_path)
            assert_accessible(page, "editor, phone, preview")
            assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), name


def test_the_theme_is_there_before_any_script(person: Person, product: Product, harbour: Organization) -> None:
    light, dark = drawn._lanes()
    dress(harbour, light, dark, color="#0b5d3b", heading_font="newsreader")
    page = person(color_scheme="dark")
    modules = re.compile(r"/assets/(?!scheme-boot).*\.js$")
    page.route(modules, lambda route: route.abort())

    page.goto(product.url("/login", "pier"))

    assert page.evaluate(VARIABLE, "--brand-solid") == "#67c091", "the dark one, and no script ran"
    assert page.locator("#root").inner_html() == ""
    assert page.locator("link[rel=preload][as=font]").get_attribute("href").endswith(".woff2")
    assert page.locator("link[rel=icon]").get_attribute("href").startswith("/media/p/")
    ground = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    page.unroute(modules)
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to Harbour School")).to_be_visible()
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == ground
    assert page.evaluate(SHIFTS) <= 0.02


def test_two_organizations_look_like_themselves(
    person: Person, product: Product, harbour: Organization, tmp_path: Path
) -> None:
    globex = organizations.found(product, "globe", "Globe Institute")
    organizations.write_course(globex, "Reading maps", {"North is up": None})
    organizations.join(product, globex, "learner", "Ravi Reader")
    dress(harbour, *drawn._lanes(), color="#0b5d3b", heading_font="newsreader", footer="Harbour School, Rotterdam")
    dress(globex, *drawn._globe(), color="#ffd21f", heading_font="bricolage-grotesque", welcome_title="Know your way")
    solid = {"pier": {"light": "#0b5d3b", "dark": "#67c091"}, "globe": {"light": "#ffd21f", "dark": "#ffd21f"}}

    for organization in (harbour, globex):
        for scheme in ("light", "dark"):
            page = person(color_scheme=scheme)
            walk(
                page, product, organization, solid[organization.slug][scheme], f"{organization.slug}.{scheme}", tmp_path
            )
        page = person(has_touch=True, is_mobile=True)
        page.set_viewport_size(PHONE)
        walk(page, product, organization, solid[organization.slug]["light"], f"{organization.slug}.phone", tmp_path)


def walk(page: Page, product: Product, organization: Organization, solid: str, name: str, tmp_path: Path) -> None:
    """Look at the pages of one organization: its colour, no violation, nobody else's name."""
    slug = organization.slug
    for path, shot in (("/login", "login"), ("/password/forgot", "forgot"), ("/", "visitor")):
        page.goto(product.url(path, slug))
        look(page, solid, f"{name}.{shot}", tmp_path)
    organizations.sign_in(page, product, organization, "learner")
    for path, shot in (("/", "catalogue"), ("/home", "home"), ("/nothing-here", "missing")):
        page.goto(product.url(path, slug))
        look(page, solid, f"{name}.{shot}", tmp_path)


def look(page: Page, solid: str, name: str, tmp_path: Path) -> None:
    expect(page.get_by_role("heading", level=1).first).to_be_visible()
    page.wait_for_load_state("networkidle")
    see(page, name, tmp_path)
    assert page.evaluate(VARIABLE, "--brand-solid") == solid, name
    assert page.locator("link[rel=icon]").get_attribute("href").startswith("/media/p/"), name
    assert page.evaluate("() => [...document.images].every((one) => one.complete && one.naturalWidth > 0)"), name
    assert named(page.content()) == [], name
    assert page.evaluate(SHIFTS) <= 0.02, name
    assert_accessible(page, name)


def test_nothing_that_an_organizations_people_download_names_the_platform() -> None:
    manifest = json.loads((DIST / ".vite/manifest.json").read_text())

    def reached(entry: str) -> set[str]:
        seen: set[str] = set()
        waiting = [entry]
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                waiting += manifest[name].get("imports", []) + manifest[name].get("dynamicImports", [])
        return {file for name in seen for file in [manifest[name]["file"], *manifest[name].get("css", [])]}

    def found(entry: str) -> dict[str, list[str]]:
        texts = {file: (DIST / file).read_text() for file in reached(entry) if file.endswith((".js", ".css"))}
        assert len(texts) > 5
        return {file: names for file, text in texts.items() if (names := named(text))}

    assert found("learn.html") == {}
    assert found("studio.html") == {}
    assert found("site.html"), "our own pages name us: the search works"
