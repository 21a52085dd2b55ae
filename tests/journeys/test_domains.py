"""An organization takes another address, then a domain of its own, and its people follow without a dead page."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Product
from tests.journeys.signing_up import enter_code, land_in_studio, sign_up
from tests.support.names import Zone

SETTINGS = "/studio/settings/domains"


def test_another_address_and_then_a_domain_of_ones_own(
    product: Product, names: Zone, person: Callable[..., Page]
) -> None:
    page = person()
    email = sign_up(page, product, slug="fjord-school", organization="Fjord School")
    enter_code(page, product, email)
    land_in_studio(page, product, "fjord-school")

    _rename(page, product, email)
    own = "learn.fjord-academy.localhost"
    _prove(page, names, own)
    _lead_there(page, product, email, own)

    # Whoever comes by an old link ends where the organization is now, and programs are told.
    visitor = person()
    for slug in ("fjord-school", "fjord-academy"):
        visitor.goto(product.url("/?from=a-link", slug))
        assert visitor.url == f"http://{own}:{product.port}/?from=a-link"
    told = _ask(product, "fjord-school.lms.localhost", "/api/v1/me/")
    assert told.status_code == 421
    assert told.json()["host"] == own
    # The front door's question about certificates is the front door's alone.
    assert _ask(product, own, f"/tls-ask/?domain={own}").status_code == 404


def _ask(product: Product, host: str, path: str) -> httpx.Response:
    """Ask the front door as a program does; only browsers find every name below localhost by themselves."""
    url = f"http://127.0.0.1:{product.port}{path}"
    return httpx.get(url, headers={"host": f"{host}:{product.port}"}, timeout=60)


def _rename(page: Page, product: Product, email: str) -> None:
    page.goto(product.url(SETTINGS, "fjord-school"))
    page.get_by_role("button", name="Change address").click()
    page.locator("input[name=slug]").fill("fjord-academy")
    expect(page.get_by_text("fjord-academy.lms.localhost is free.")).to_be_visible()
    expect(page.get_by_text("Everybody signs in again")).to_be_visible()
    page.get_by_role("dialog").get_by_role("button", name="Change address").click()
    page.get_by_role("link", name="Go to the new address").click()
    _sign_in(page, email)
    page.wait_for_url(product.url(SETTINGS, "fjord-academy"))
    expect(page.get_by_text(re.compile("fjord-school.lms.localhost leads here until"))).to_be_visible()


def _prove(page: Page, names: Zone, own: str) -> None:
    page.get_by_role("button", name="Add a domain").click()
    page.locator("input[name=host]").fill(own)
    page.get_by_role("button", name="Add domain").click()
    look = page.get_by_role("button", name="Look now")
    look.click()
    expect(page.get_by_text(f"There is no TXT record at _lms-challenge.{own} yet.")).to_be_visible()
    expect(page.get_by_text(f"There is no CNAME record at {own} yet.")).to_be_visible()

    secret = page.locator("code", has_text="lms-verify=").inner_text()
    names.put(f"_lms-challenge.{own}", "TXT", "v=spf1 -all")
    names.put(own, "CNAME", "old-school.example")
    look.click()
    expect(page.get_by_text("There is a TXT record with another text.")).to_be_visible()
    expect(page.get_by_text(f"{own} is an alias of old-school.example")).to_be_visible()

    names.put(f"_lms-challenge.{own}", "TXT", "v=spf1 -all", secret)
    look.click()
    expect(page.get_by_text("Proved", exact=True)).to_be_visible()

    names.put(own, "CNAME", "domains.lms.localhost")
    look.click()
    expect(page.get_by_text("Active", exact=True)).to_be_visible()


def _lead_there(page: Page, product: Product, email: str, own: str) -> None:
    page.get_by_role("button", name=f"More for {own}").click()
    page.get_by_role("menuitem", name="Make it primary").click()
    page.get_by_role("dialog").get_by_role("button", name="Make it primary").click()
    page.get_by_role("link", name="Go there").click()
    _sign_in(page, email)
    page.wait_for_url(f"http://{own}:{product.port}{SETTINGS}")
    expect(page.get_by_text("Leads to your domain")).to_be_visible()
    assert {cookie["domain"] for cookie in page.context.cookies(f"http://{own}:{product.port}")} == {own}


def _sign_in(page: Page, email: str) -> None:
    page.get_by_label("E-mail").fill(email)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
