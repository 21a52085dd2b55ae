"""Support comes in with a reason, changes nothing, is seen by the owner, and is out with the owner's click."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from devstack.demo.browser import Refused
from tests.journeys.conftest import Product
from tests.journeys.organizations import Organization, found, sign_in
from tests.journeys.staff import give_session, staff_person

REASON = "The owner cannot open the course they published."
REFUSED = """async () => {
  const boot = JSON.parse(document.getElementById('boot').textContent);
  const answer = await fetch('/api/v1/courses/', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': boot.csrf },
    body: JSON.stringify({ title: 'Made by support' }),
  });
  return [answer.status, (await answer.json()).code];
}"""


@pytest.fixture
def harbour(product: Product) -> Organization:
    return found(product, "harbour-help", "Harbour Help")


def test_support_comes_in_is_seen_and_is_sent_away(
    product: Product, harbour: Organization, person: Callable[..., Page]
) -> None:
    sam = staff_person(product, "Sam Staff", "support")
    organization = harbour.owner.open("/studio")["organization"]["id"]
    grant = sam.call(
        "POST",
        "/api/v1/support-grants/",
        {"organization": organization, "reason": REASON, "ticket": "T-1042", "minutes": 20},
    )
    assert product.mail_to(harbour.members["owner"], r"(Sam Staff) of the support team may read") == "Sam Staff"

    # Sam: from the console to the organization, with the bar above every page.
    support = person()
    give_session(support, product, sam)
    support.goto(grant["location"])
    support.wait_for_url(lambda url: "/studio" in url)
    bar = support.get_by_role("region", name="Support access")
    expect(bar).to_contain_text("Sam Staff of support looks into Harbour Help")
    expect(bar).to_contain_text("left")
    support.goto(product.url("/studio/people", harbour.slug))
    expect(support.get_by_text("Olga Owner").first).to_be_visible()
    expect(bar).to_be_visible()
    assert support.evaluate(REFUSED) == [403, "support_read_only"]
    support.goto(product.url("/", harbour.slug))
    expect(bar).to_be_visible()

    # Olga: reads in the audit what support looked at and tried, then ends it.
    owner = person()
    sign_in(owner, product, harbour, "owner")
    owner.goto(product.url("/studio/settings/audit?support=1", harbour.slug))
    expect(owner.get_by_role("button", name="looked at the list of people")).to_be_visible()
    owner.get_by_role("button", name="tried what they may not do").first.click()
    drawer = owner.get_by_role("dialog")
    expect(drawer).to_contain_text("POST courses:courses")
    expect(drawer).to_contain_text("Sam Staff")
    owner.keyboard.press("Escape")
    owner.get_by_role("button", name="Verify", exact=True).click()
    expect(owner.get_by_text("Verified just now")).to_be_visible()
    owner.get_by_role("link", name="Support access").click()
    expect(owner.get_by_text(REASON)).to_be_visible()
    owner.get_by_role("button", name="End it").click()
    expect(owner.get_by_text("Nobody looks in.")).to_be_visible()

    # The next click of support opens nothing.
    support.goto(product.url("/studio/people", harbour.slug))
    expect(support.get_by_role("heading", name="Support access has ended")).to_be_visible()
    assert support.evaluate("fetch('/api/v1/members/').then((answer) => answer.status)") == 401

    # And a closed door stays closed.
    owner.get_by_role("radio", name="No", exact=True).click()
    expect(owner.get_by_text("Saved")).to_be_visible()
    with pytest.raises(Refused, match="switched support access off"):
        sam.call(
            "POST",
            "/api/v1/support-grants/",
            {"organization": organization, "reason": REASON, "ticket": "T-1042"},
        )
