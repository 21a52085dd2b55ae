"""An owner tries, buys, grows, fails to pay, pays and leaves, on the pages that they have for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from devstack import embedded
from tests.journeys import organizations
from tests.journeys.conftest import PASSWORD, Product, until
from tests.journeys.signing_up import enter_code, land_in_studio, sign_up
from tests.journeys.staff import violations

SLUG = "harbour"
PAGE = "/studio/settings/billing"
PHONE = {"width": 390, "height": 844}
DAY = 86400
GOOD_CARD, BAD_CARD = "4242 4242 4242 4242", "4000 0000 0000 0341"
# Their banks ask: at every payment, and once when the card is put in.
ASKS_ALWAYS, ASKS_ONCE = "4000 0027 6000 3184", "4000 0025 0000 3155"


class Clock:
    """The local Stripe's hand on the time."""

    def __init__(self, product: Product) -> None:
        self._url = product.environment["LMS_STRIPE_API_URL"]

    def on(self, *, days: float) -> None:
        """Turn it, doing all that falls due on the way."""
        answer = httpx.post(f"{self._url}/local/advance", json={"seconds": int(days * DAY)}, timeout=120)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="module")
def product() -> Iterator[Product]:
    """A product of its own: its clock is turned, and everybody's trial with it."""
    with embedded.running() as environment:
        yield Product(environment)


@pytest.fixture
def clock(product: Product) -> Clock:
    return Clock(product)


@pytest.fixture
def owner(product: Product, person: Callable[..., Page]) -> Page:
    """Signed up page by page, and in the studio."""
    page = person()
    email = sign_up(page, product, slug=SLUG, organization="Harbour School")
    enter_code(page, product, email)
    land_in_studio(page, product, SLUG)
    return page


def test_whoever_deletes_the_organization_sees_its_plan_end_and_can_call_both_off(
    product: Product, person: Callable[..., Page]
) -> None:
    """Before anybody turns the clock: by the payment provider's time a trial of today would else be long over."""
    made = organizations.found(product, "tidal", "Tidal School")
    buyer = {"legal_name": "Tidal Ltd", "country": "IE", "address": {"line1": "1 Quay Street"}, "collection": "invoice"}
    made.owner.call("PATCH", "/api/v1/billing/", {**buyer, "contacts": ["books@tidal.example"]})
    chosen = {"plan": "team", "interval": "month", "currency": "eur", "seats": 12}
    made.owner.call("POST", "/api/v1/checkout-sessions/", chosen)
    page = person()
    organizations.sign_in(page, product, made, "owner")
    until(lambda: _billing(page)["subscription"]["is_at_stripe"], "the order to be there")

    page.goto(product.url("/studio/settings/organization", "tidal"))
    page.get_by_role("button", name="Delete organization").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_text(re.compile(r"^The plan ends on .*Nothing is charged after that\.$"))).to_be_visible()
    dialog.get_by_label("Type tidal to confirm").fill("tidal")
    dialog.get_by_role("button", name="Delete organization").click()
    expect(page.get_by_role("heading", name=re.compile("^Tidal School will be deleted on"))).to_be_visible()
    expect(page.get_by_text(re.compile("^The plan goes on, with 12 seats"))).to_be_visible()
    _looked_at(page)

    page.get_by_role("link", name="Plan and invoices").click()
    expect(page.get_by_text("This organization will be deleted.")).to_be_visible()
    expect(page.get_by_role("button", name="Change plan or seats")).to_have_count(0)
    until(lambda: _billing(page)["subscription"]["cancel_at"], "the plan to end by itself", seconds=180)
    page.reload()
    expect(page.get_by_text(re.compile("Its plan ends on"))).to_be_visible()
    expect(page.get_by_role("button", name="Open the payment page")).to_be_visible()
    _looked_at(page)

    page.get_by_role("link", name="Call the deletion off").click()
    page.get_by_role("button", name="Call the deletion off").click()
    expect(page.get_by_role("heading", name=re.compile("^Tidal School will be deleted on"))).to_have_count(0)
    until(lambda: _billing(page)["subscription"]["cancel_at"] is None, "the plan to go on", seconds=180)


def test_an_owner_tries_buys_grows_fails_to_pay_pays_and_leaves(
    product: Product, clock: Clock, owner: Page, person: Callable[..., Page]
) -> None:
    _see_the_trial(owner, product)
    _buy(owner, product)
    clock.on(days=15)
    until(lambda: _billing(owner)["subscription"]["state"] == "active", "the trial to become a paid month")
    _grow(owner, product)
    _be_asked_by_the_bank(owner, product)
    school, lesson = _teach(product)

    _put_in_card(owner, product, BAD_CARD)
    clock.on(days=32)
    until(lambda: _billing(owner)["subscription"]["state"] == "past_due", "the failed payment to be seen")
    _hear_of_it(owner, product)

    clock.on(days=15)
    until(lambda: _billing(owner)["subscription"]["state"] == "read_only", "the fourteen days to be over")
    _be_read_only(owner, product)
    _learn_on(person(), product, school, lesson)

    _pay(owner, product)
    _leave_and_stay(owner, product)


def _owner(product: Product) -> str:
    return product.owners[SLUG]


def _teach(product: Product) -> tuple[organizations.Organization, str]:
    """A course of words and somebody who learns from it; returns where the lesson is."""
    caller = organizations.Caller(product.host(SLUG), product.port)
    caller.sign_in(_owner(product), PASSWORD)
    school = organizations.Organization(SLUG, product.host(SLUG), caller, {"owner": _owner(product)})
    organizations.join(product, school, "learner", "Leo Learner")
    course, items = organizations.write_course(school, "Maps", {"Which way is north": None})
    caller.call("POST", f"/api/v1/courses/{course}/enrollments/", {"email": school.members["learner"]})
    learner = organizations.caller(product, school, "learner")
    enrollment = learner.call("GET", "/api/v1/enrollments/")["items"][0]["id"]
    return school, f"/learn/{enrollment}/{items['Which way is north']}"


def _ask(page: Page, path: str) -> Any:
    return page.evaluate("(path) => fetch(`/api/v1/${path}`).then((answer) => answer.json())", path)


def _billing(page: Page) -> Any:
    return _ask(page, "billing/")


def _looked_at(page: Page) -> None:
    """No violation on a desk and on a phone, and nothing wider than the phone."""
    assert violations(page) == []
    before = page.viewport_size
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.set_viewport_size(before)  # type: ignore[arg-type]


def _see_the_trial(page: Page, product: Product) -> None:
    page.goto(product.url(PAGE, SLUG))
    expect(page.get_by_role("heading", name="Trial")).to_be_visible()
    expect(page.get_by_text("14 days left")).to_be_visible()
    expect(page.get_by_text("Nothing is charged unless you choose a plan.")).to_be_visible()
    _looked_at(page)


def _fill_card(page: Page, number: str) -> None:
    page.get_by_label("Card number").fill(number)
    page.get_by_label("Expiry").fill("12 / 34")
    page.get_by_label("CVC").fill("123")


def _buy(page: Page, product: Product) -> None:
    """On Stripe's own page; the trial's days stay free."""
    page.get_by_role("button", name="Choose a plan").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("radio", name="Start").click()
    expect(dialog.get_by_text("US$20.00 a month")).to_be_visible()
    expect(dialog.get_by_text("Nothing is due today")).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Go to checkout").click()
    page.wait_for_url(re.compile(r"/c/pay/"))
    page.get_by_label("Name", exact=False).first.fill("Harbour School Ltd")
    page.get_by_label("Country").select_option("US")
    _fill_card(page, GOOD_CARD)
    page.get_by_role("button", name="Start the trial").click()

    page.wait_for_url(re.compile(re.escape(PAGE) + r"\?checkout=done"))
    expect(page.get_by_text("You have Start.")).to_be_visible()
    expect(page.get_by_text("On trial")).to_be_visible()
    page.get_by_role("button", name="Put away").click()


def _grow(page: Page, product: Product) -> None:
    """The figures are seen, and just these are paid."""
    page.goto(product.url(f"{PAGE}?change=1&plan=team&seats=12", SLUG))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name="Team")).to_be_checked()
    pay = dialog.get_by_role("button", name=re.compile(r"Change and pay US\$"))
    expect(pay).to_be_visible()
    expect(dialog.get_by_text(re.compile("Next invoice"))).to_be_visible()
    assert violations(page) == []
    shown = (pay.text_content() or "").split("US$")[1]
    pay.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("heading", name="Team")).to_be_visible()
    expect(page.get_by_text("of 12 seats in use")).to_be_visible()

    newest = until(lambda: _newest_paid(page, shown), f"an invoice of {shown}")
    assert newest["status"] == "paid"
    page.reload()
    expect(page.get_by_role("cell", name=f"US${shown}", exact=True)).to_be_visible()
    _looked_at(page)


def _be_asked_by_the_bank(page: Page, product: Product) -> None:
    """Nothing is changed, and the way leads over Stripe's page and the bank's back to the change."""
    _put_in_card(page, product, ASKS_ALWAYS, asks=True)
    page.goto(product.url(f"{PAGE}?change=1&seats=14", SLUG))
    dialog = page.get_by_role("dialog")
    pay = dialog.get_by_role("button", name=re.compile(r"Change and pay US\$"))
    pay.click()
    expect(dialog.get_by_text("Your bank wants to hear from you first.")).to_be_visible()
    assert _billing(page)["subscription"]["seats"] == 12
    _looked_at(page)
    dialog.get_by_role("button", name="Confirm the card at Stripe").click()
    page.wait_for_url(re.compile(r"/p/session/"))
    _fill_card(page, ASKS_ONCE)
    page.get_by_role("button", name="Change the card").click()
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url(re.compile(re.escape(PAGE) + r"\?change=1"))
    pay.click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_text("of 14 seats in use")).to_be_visible()


def _newest_paid(page: Page, shown: str) -> Any:
    found = _ask(page, "invoices/")["items"]
    return next((one for one in found if f"{one['total_minor'] / 100:,.2f}" == shown), None)


def _put_in_card(page: Page, product: Product, number: str, *, asks: bool = False) -> None:
    page.goto(product.url(PAGE, SLUG))
    page.get_by_role("button", name="Open the payment page").click()
    page.wait_for_url(re.compile(r"/p/session/"))
    _fill_card(page, number)
    page.get_by_role("button", name="Change the card").click()
    if asks:
        page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("status")).to_contain_text("The new card")
    page.get_by_role("link", name="Back").click()
    page.wait_for_url(re.compile(re.escape(PAGE)))


def _hear_of_it(page: Page, product: Product) -> None:
    """A mail and a banner; everything works."""
    assert product.mail_to(_owner(product), r"(did not go through)")
    page.goto(product.url("/studio", SLUG))
    expect(page.get_by_text("A payment failed.")).to_be_visible()
    expect(page.get_by_text(re.compile("Learners notice nothing"))).to_be_visible()
    page.get_by_role("link", name="Pay now").click()
    expect(page.get_by_text("Payment failed", exact=True)).to_be_visible()
    _looked_at(page)


def _be_read_only(page: Page, product: Product) -> None:
    """The banner says why and what opens it; a write is refused."""
    page.goto(product.url("/studio", SLUG))
    expect(page.get_by_text("The studio is read-only: an invoice is unpaid.")).to_be_visible()
    _looked_at(page)
    refused = page.evaluate(
        "() => fetch('/api/v1/me/').then((answer) => answer.json()).then((me) => fetch('/api/v1/courses/', {method: "
        "'POST', headers: {'Content-Type': 'application/json', 'X-CSRFToken': me.csrf}, body: '{\"title\": \"New\"}'}))"
        ".then((answer) => answer.status)"
    )
    assert refused == 423


def _learn_on(page: Page, product: Product, school: organizations.Organization, lesson: str) -> None:
    """Whoever learns goes on, and reads nothing of money."""
    organizations.sign_in(page, product, school, "learner")
    page.goto(product.url(lesson, SLUG))
    expect(page.get_by_text("North is up on most maps.")).to_be_visible()
    expect(page.get_by_text(re.compile("invoice|unpaid|payment|read-only", re.IGNORECASE))).to_have_count(0)


def _pay(page: Page, product: Product) -> None:
    """On the invoice's own page; the studio opens without anybody's hand."""
    page.goto(product.url(PAGE, SLUG))
    with page.expect_popup() as opened:
        table = page.get_by_role("table", name="Every invoice, newest first")
        table.get_by_role("link", name=re.compile("^Pay")).first.click()
    invoice = opened.value
    _fill_card(invoice, GOOD_CARD)
    invoice.get_by_role("button", name=re.compile(r"^Pay \$")).click()
    expect(invoice.get_by_text("Paid").first).to_be_visible()
    until(lambda: _billing(page)["subscription"]["state"] == "active", "the paid invoice to be seen")
    until(lambda: _ask(page, "organization/")["state"] == "active", "the studio to be open again")
    page.goto(product.url("/studio", SLUG))
    expect(page.get_by_role("main")).to_be_visible()
    expect(page.get_by_text("read-only")).to_have_count(0)


def _leave_and_stay(page: Page, product: Product) -> None:
    """Two presses, everything to take along offered in between; and it is taken back with one."""
    page.goto(product.url(PAGE, SLUG))
    page.get_by_role("button", name="Cancel plan").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("link", name="Export")).to_have_attribute("href", "/studio/settings/data")
    expect(dialog.get_by_role("listitem").first).to_be_visible()
    assert violations(page) == []
    dialog.get_by_role("button", name="Cancel plan").click()
    expect(page.get_by_role("heading", name=re.compile("^You leave on"))).to_be_visible()
    expect(page.get_by_role("link", name="Take everything along")).to_be_visible()
    expect(page.get_by_text(re.compile("^Cancelled: everything works until"))).to_be_visible()
    _looked_at(page)
    page.get_by_role("button", name="Stay after all").click()
    expect(page.get_by_role("button", name="Cancel plan")).to_be_visible()
    assert _billing(page)["subscription"]["cancel_at"] is None


def test_a_trial_that_ended_leaves_one_way_on_and_a_checkout_left_early_buys_nothing(
    product: Product, clock: Clock, person: Callable[..., Page]
) -> None:
    made = organizations.found(product, "fjord", "Fjord School")
    page = person()
    organizations.sign_in(page, product, made, "owner")
    page.goto(product.url(PAGE, "fjord"))
    page.get_by_label("Legal name").fill("Fjord GmbH")
    page.get_by_label("City", exact=True).fill("Hamburg")
    page.get_by_label("Country").select_option("DE")
    page.get_by_label("VAT id").fill("de 123")
    page.get_by_label("Billing contacts").fill("books@fjord.example, nobody")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("This is not a full address: nobody")).to_be_visible()
    page.get_by_label("Billing contacts").fill("books@fjord.example")
    page.get_by_label("VAT id").fill("DE123456789")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Saved; it is on the next invoice")).to_be_visible()

    # Whoever is known at the payment provider is on its clock.
    made.owner.call("POST", "/api/v1/portal-sessions/", {})
    clock.on(days=15)
    until(lambda: _billing(page)["subscription"]["state"] == "read_only", "the trial to end")
    page.goto(product.url("/studio", "fjord"))
    expect(page.get_by_text("The trial is over: the studio is read-only.")).to_be_visible()
    page.get_by_role("link", name="Choose a plan").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The first amount is due today.")).to_be_visible()
    dialog.get_by_role("radio", name="EUR").click()
    dialog.get_by_role("button", name="Go to checkout").click()
    page.wait_for_url(re.compile(r"/c/pay/"))
    page.get_by_role("link", name="Back").click()
    expect(page.get_by_text("Nothing was bought.")).to_be_visible()
    _looked_at(page)
    _be_sent_an_invoice(page, product)


def _be_sent_an_invoice(page: Page, product: Product) -> None:
    """Without tax for a business abroad, with its own number on it, to be paid within thirty days."""
    page.get_by_label("Purchase order number").fill("PO-7")
    page.get_by_role("radio", name="By invoice").click()
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Saved; it is on the next invoice")).to_be_visible()
    until(lambda: _billing(page)["account"]["vat_state"] == "verified", "the VAT id to be found")
    page.goto(product.url(f"{PAGE}?change=1", "fjord"))
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Order by invoice").click()
    expect(dialog.get_by_text("Say who pays first")).to_be_visible()
    dialog.get_by_role("button", name="Not now").click()

    page.get_by_label("Street and number").fill("Hafenstr. 1")
    page.get_by_role("button", name="Save details").click()
    until(lambda: _billing(page)["account"]["address"]["line1"], "the street to be known")
    page.goto(product.url(f"{PAGE}?change=1", "fjord"))
    dialog.get_by_role("button", name="Order by invoice").click()
    expect(page.get_by_text("You have Start.")).to_be_visible()
    row = page.get_by_role("table", name="Every invoice, newest first").get_by_role("row").nth(1)
    expect(row).to_contain_text(re.compile("To pay.*due on.*Reverse charge"))
    _looked_at(page)
    with page.expect_popup() as opened:
        row.get_by_role("link", name=re.compile("^Pay")).click()
    expect(opened.value.get_by_text("PO-7")).to_be_visible()
    expect(opened.value.get_by_text("Reverse charge:")).to_be_visible()
