"""A shop in a local Stripe, for tests of its billing: prices, customers and what happened to them."""

from __future__ import annotations

from typing import Any

from tests.support.stripe_server import StripeServer

START = 1_769_860_800  # 31 January 2026, 12:00 UTC: a day that most months do not have
SEAT_MINOR = 700


class Shop:
    """One plan at 7.00 a seat a month and 70.00 a year, in EUR and USD, and delivered GB at 0.05."""

    def __init__(self, server: StripeServer) -> None:
        self.server = server
        self.v1 = server.client().v1
        self.meter = self.v1.billing.meters.create(
            {"display_name": "GB", "event_name": "delivered_gb", "default_aggregation": {"formula": "sum"}}
        )
        product = self.v1.products.create({"name": "Team"}).id
        self.month = self._seat(product, "month", SEAT_MINOR)
        self.year = self._seat(product, "year", 10 * SEAT_MINOR)
        self.metered = self.v1.prices.create(
            {
                "product_data": {"name": "Delivered GB"},
                "currency": "eur",
                "unit_amount_decimal": "5",
                "currency_options": {"usd": {"unit_amount_decimal": "5"}},
                "recurring": {"interval": "month", "usage_type": "metered", "meter": self.meter.id},
            }
        ).id

    def _seat(self, product: str, interval: Any, minor: int) -> str:
        terms = {"currency": "eur", "unit_amount": minor, "currency_options": {"usd": {"unit_amount": minor}}}
        return self.v1.prices.create({"product": product, "recurring": {"interval": interval}, **terms}).id  # type: ignore[typeddict-item]

    def customer(self, country: str = "US", card: str = "pm_card_visa", vat_id: str = "") -> str:
        """A customer in a country, with a card unless it is empty."""
        made = self.v1.customers.create({"name": "Acme", "email": "a@acme.example", "address": {"country": country}})
        if vat_id:
            self.v1.customers.tax_ids.create(made.id, {"type": "eu_vat", "value": vat_id})
            self.server.advance(seconds=5)
        if card:
            self.give(made.id, card)
        return made.id

    def give(self, customer: str, card: str) -> str:
        """Make this the card of a customer."""
        attached = self.v1.payment_methods.attach(card, {"customer": customer}).id
        self.v1.customers.update(customer, {"invoice_settings": {"default_payment_method": attached}})
        return attached

    def subscribe(self, customer: str, *, seats: int = 10, price: str = "", usage: bool = False, **more: Any) -> Any:
        """A subscription of so many seats."""
        items: list[Any] = [{"price": price or self.month, "quantity": seats}]
        items += [{"price": self.metered}] if usage else []
        return self.v1.subscriptions.create(
            {"customer": customer, "items": items, "automatic_tax": {"enabled": True}, **more}
        )

    def subscription(self, subscription: Any) -> Any:
        """As it is now."""
        return self.v1.subscriptions.retrieve(subscription.id)

    def change(self, subscription: Any, **more: Any) -> dict[str, Any]:
        """The parameters that change the seats' item."""
        behaviour = more.pop("behaviour", "always_invoice")
        return {"items": [{"id": subscription["items"].data[0].id, **more}], "proration_behavior": behaviour}

    def use(self, customer: str, gigabytes: str, identifier: str, at: int | None = None) -> None:
        """Report usage."""
        payload = {"stripe_customer_id": customer, "value": gigabytes}
        when = {"timestamp": at} if at is not None else {}
        event = {"event_name": "delivered_gb", "payload": payload, "identifier": identifier, **when}
        self.v1.billing.meter_events.create(event)  # type: ignore[arg-type]

    def invoices(self, customer: str) -> list[Any]:
        """Every invoice of a customer, the oldest first."""
        return list(self.v1.invoices.list({"customer": customer, "limit": 100}).auto_paging_iter())[::-1]

    def kinds(self, customer: str) -> list[str]:
        """What happened to a customer's things, the oldest first."""
        found = [one.to_dict() for one in self.v1.events.list({"limit": 100}).auto_paging_iter()][::-1]
        about = [(one["type"], one["data"]["object"]) for one in found]
        return [kind for kind, one in about if customer in (one.get("customer"), one.get("id"))]

    def next_period(self, subscription: Any, *, hours: int = 2) -> None:
        """Go to the renewal and past the hour in which its invoice is a draft."""
        ends = self.subscription(subscription)["items"].data[0].current_period_end
        self.server.advance(to=ends + hours * 3600)


def amounts(invoice: Any) -> list[int]:
    """The amounts of an invoice's lines."""
    return [line.amount for line in invoice.lines.data]
