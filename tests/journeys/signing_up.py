"""Signing an organization up the way a person does, page by page."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Product


def sign_up(page: Page, product: Product, *, slug: str, organization: str, owner: str = "Olga Owner") -> str:
    """Walk from the front page to the code field; return the owner's address."""
    email = f"olga@{slug}.example"
    page.goto(product.url("/"))
    page.goto(product.url("/sign-up"))
    page.get_by_label("Organization name").fill(organization)
    address = page.locator("input[name=slug]")
    address.fill(slug)
    page.get_by_role("button", name="Continue to your account").click()
    page.get_by_label("Your name").fill(owner)
    page.get_by_label("E-mail").fill(email)
    page.locator("input[autocomplete=new-password]").fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Send me the code").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    product.owners[slug] = email
    return email


def enter_code(page: Page, product: Product, email: str) -> None:
    """Read the mail and type the code: the organization is being made."""
    page.locator("input[name=code]").fill(product.mail_to(email, r"\b(\d{3}) ?(\d{3})\b"))


def land_in_studio(page: Page, product: Product, slug: str) -> None:
    """Wait for the studio of the new organization, on its own host and without a second login."""
    page.wait_for_url(re.compile(re.escape(product.url("/studio", slug)) + r".*"))
    expect(page.get_by_role("main")).to_be_visible()
