"""A customer that somebody deleted at Stripe: what it was is known, and the organization buys again."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import tenancy
from billing import gateway
from billing.countries import COUNTRIES
from billing.errors import BillingUnavailable, ProviderRefused
from billing.finance import reconciliation, stripe_books
from billing.models import BillingAccount, Invoice, StripeIntent
from billing.selectors import whose
from billing.subscriptions import customers, intents, refreshing
from billing.tests.test_buying import BILLING, TEAM, bought, post
from core.clock import now
from tenancy import catalog
from tenants.api import load_organization
from tests.support.buying import Shop


def patch(person: Any, **details: Any) -> Any:
    return person.client().patch(BILLING, details, content_type="application/json")


def wait_over(shop: Shop) -> None:
    with tenancy.platform():
        BillingAccount.objects.filter(organization_id=shop.organization.id).update(
            customer_run_at=now() - timedelta(seconds=1)
        )


def test_whose_customer_was_deleted_buys_again_and_keeps_what_was(shop: Shop, olga: Any) -> None:
    shop.end_trial()
    patch(olga, vat_id="DE123456789")
    bought(shop, olga)
    former = shop.account.stripe_customer
    assert former is not None
    shop.refresh()
    assert shop.account.stripe_customer == former  # one that is there is kept

    shop.api.customers.delete(former)
    shop.refresh()

    account = shop.account
    assert (account.stripe_customer, account.former_customers, account.payment_method) == (None, [former], None)
    assert shop.subscription.state == "canceled"
    catalog.forget_all()
    assert load_organization(shop.organization.id).state == "read_only"
    assert patch(olga, po_number="PO-7").status_code == 200
    shop.refresh()  # nothing to read but what is over

    seen = bought(shop, olga)

    assert seen["subscription"]["state"] == "active"
    assert shop.account.stripe_customer not in (None, former)
    assert load_organization(shop.organization.id).state == "active"
    (known,) = shop.api.customers.tax_ids.list(shop.account.stripe_customer).data
    assert known.value == "DE123456789"
    assert len(olga.client().get("/api/v1/invoices/").json()["items"]) == 2
    assert post(olga, "portal-sessions").status_code == 201
    with tenancy.platform():
        assert reconciliation.compare(stripe_books.read())[1] == []


def test_a_session_of_the_customer_that_is_gone_is_in_nobodys_way(shop: Shop, olga: Any) -> None:
    shop.end_trial()
    assert post(olga, "checkout-sessions", TEAM).status_code == 201
    former = shop.account.stripe_customer
    shop.api.customers.delete(str(former))
    shop.refresh()

    seen = bought(shop, olga)

    assert seen["subscription"]["state"] == "active"
    assert shop.account.former_customers == [former]


def test_what_is_heard_of_a_former_customer_is_its_organizations(shop: Shop, olga: Any) -> None:
    shop.end_trial()
    bought(shop, olga)
    former = str(shop.account.stripe_customer)
    (charge,) = shop.api.charges.list({"customer": former}).data
    shop.api.customers.delete(former)
    shop.refresh()
    shop.api.refunds.create({"charge": charge.id})

    with tenancy.platform():
        assert whose([former, "cus_of_nobody", ""]) == {former: shop.organization.id}
        assert refreshing.refresh(shop.organization.id) is True
        assert Invoice.objects.get(organization_id=shop.organization.id).refunded_minor == charge.amount


def test_renamed_it_is_called_so_on_invoices_and_nobody_typed_a_legal_name(shop: Shop, olga: Any) -> None:
    post(olga, "portal-sessions")
    shop.refresh()
    answer = olga.client().patch("/api/v1/organization/", {"name": "Harbour School"}, content_type="application/json")
    assert answer.status_code == 200
    catalog.forget_all()

    shop.refresh()
    assert shop.account.legal_name == ""
    with tenancy.platform():
        assert customers.is_due()
        assert customers.tell_names() == 1
        assert customers.tell_names() == 0
    shop.refresh()

    assert shop.api.customers.retrieve(shop.account.stripe_customer).name == "Harbour School"
    assert shop.account.legal_name == ""
    shop.api.customers.update(shop.account.stripe_customer, {"name": "Harbour Ltd"})  # typed in the portal
    shop.refresh()
    assert shop.account.legal_name == "Harbour Ltd"


def test_a_legal_name_that_was_taken_away_does_not_come_back(shop: Shop, olga: Any, monkeypatch: Any) -> None:
    post(olga, "portal-sessions")
    patch(olga, legal_name="Acme GmbH")
    shop.refresh()
    tell = customers.tell

    def folded_first(account: BillingAccount, **how: Any) -> None:
        shop.refresh()
        tell(account, **how)

    monkeypatch.setattr(customers, "tell", folded_first)
    patch(olga, legal_name="")
    shop.refresh()

    assert shop.account.legal_name == ""
    assert (
        shop.api.customers.retrieve(shop.account.stripe_customer).name == load_organization(shop.organization.id).name
    )


def test_only_a_country_is_a_country(shop: Shop, olga: Any) -> None:
    refused = patch(olga, country="ZZ")

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/country")
    assert shop.account.country == ""
    for country in ("DE", "XK", ""):
        assert patch(olga, country=country).status_code == 200
    page = Path(__file__).parents[3] / "frontend/src/features/billing/countries.ts"
    offered = next(line for line in page.read_text().splitlines() if "AD AE AF" in line)
    assert set(offered.strip(" ';").split()) <= COUNTRIES


def test_who_cannot_be_made_a_customer_is_tried_less_and_less(
    shop: Shop, olga: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> int:
        with tenancy.platform():
            own = StripeIntent.objects.filter(organization_id=shop.organization.id, purpose="customer")
            return own.count()

    def refuse(*args: Any, **named: Any) -> Any:
        raise ProviderRefused(reason="country_invalid")

    with monkeypatch.context() as wrong:
        wrong.setattr(gateway, "create_customer", refuse)
        for _ in range(3):
            with tenancy.platform():
                customers.make_missing()
        assert asked() == 1
        wait_over(shop)
        with tenancy.platform():
            customers.make_missing()
        assert asked() == 2
    again_in = shop.account.customer_run_at - now()
    assert timedelta(seconds=100) < again_in <= timedelta(minutes=2)
    with tenancy.platform():
        customers.make_missing()
    assert shop.account.stripe_customer is None  # it rests, though Stripe would take it now

    assert patch(olga, country="DE").status_code == 200  # whoever changes it does not wait for that
    with tenancy.platform():
        customers.make_missing()
    assert shop.account.stripe_customer is not None
    assert (shop.account.customer_tries, shop.account.customer_run_at) == (0, None)


def test_while_stripe_is_away_nobody_is_held_to_be_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def silent(*args: Any, **named: Any) -> Any:
        raise BillingUnavailable

    with monkeypatch.context() as away:
        away.setattr(gateway, "create_customer", silent)
        with tenancy.platform():
            assert customers.make_missing() == 0
    assert shop.account.customer_tries == 0
    with tenancy.platform():
        customers.make_missing()
    assert shop.account.stripe_customer is not None


def test_what_lets_somebody_pay_is_not_kept_and_what_was_bought_is(shop: Shop, olga: Any) -> None:
    assert post(olga, "portal-sessions").status_code == 201
    assert patch(olga, po_number="PO-1").status_code == 200
    bought(shop, olga)
    with tenancy.platform():
        own = StripeIntent.objects.filter(organization_id=shop.organization.id)
        assert not own.filter(purpose="portal").exists()
        assert "url" in own.get(purpose="checkout").result
        own.update(ended_at=now() - timedelta(days=3))
        intents.forget()
        assert set(own.values_list("purpose", flat=True)) == {"customer", "details", "checkout"}
        assert own.get(purpose="checkout").result.keys() == {"session"}
        own.update(ended_at=now() - timedelta(days=91))
        intents.forget()
        assert set(own.values_list("purpose", flat=True)) == {"customer", "checkout"}
    assert post(olga, "checkout-sessions", TEAM).json()["code"] == "already_subscribed"
