"""Ask Stripe what only Stripe can answer, and print a line each. Exit 1 where something is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from billing import gateway, stripe_setup
from billing.errors import PaymentRefused
from billing.models import PlanVersion
from billing.subscriptions import changes, ending, products
from billing.subscriptions.fold import is_born
from billing.subscriptions.shown import sold_versions
from core.errors import DomainError
from tenancy.hosts import public_url

WEBHOOK = "/api/v1/webhooks/stripe/"
CURRENCY = "eur"
# Stripe's test card whose bank asks at every payment.
ASKS = "pm_card_authenticationRequired"


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--live", action="store_true", help="go on with a key that moves real money")

    def handle(self, *args: Any, **options: Any) -> None:
        if not gateway.is_configured():
            raise CommandError("There is no LMS_STRIPE_SECRET_KEY.")
        if gateway.is_live() and not options["live"]:
            raise CommandError("This is a live key. With --live products, prices and meters are made there.")
        self.stdout.write(f"Stripe {settings.STRIPE_API_URL or 'itself'}, version {gateway.API_VERSION}")
        self.failed = 0
        with tenancy.platform():
            # What is only read comes first: what is amiss with the account is said before anything is made there.
            self._line("webhook secret", lambda: "set" if settings.STRIPE_WEBHOOK_SECRET else None)
            self._line("webhook endpoint", self._endpoint)
            self._line("events that are sent there", self._sent)
            self._line("events", lambda: f"readable, {sum(1 for _ in gateway.events_not_delivered())} not delivered")
            self._line("what the customer portal allows", self._allowed)
            self._line("prices and meters", lambda: f"{sum(map(products.sync, sold_versions()))} prices are there")
            self._line("tax on a first invoice", self._tax)
            self._line("customer portal", self._portal)
            self._line("a bank that asks (3-D Secure)", self._confirmation)
            self._line("an end that is taken back", self._end)
            self._line("a customer that is deleted", self._deletion)
        if self.failed:
            sys.exit(1)

    def _line(self, what: str, look: Callable[[], str | None]) -> None:
        try:
            found = look()
        except Amiss as amiss:
            found, why = None, str(amiss)
        except DomainError as refused:
            said = getattr(refused, "said", "") or refused.detail
            found, why = None, said
        else:
            why = "missing"
        self.failed += found is None
        self.stdout.write(f"{'ok  ' if found else 'FAIL'} {what}: {found or why}")

    def _endpoint(self) -> str:
        """Return how our endpoint is set up there."""
        found = _ours()
        _raise(stripe_setup.endpoint_amiss(found))
        return f"{found['status']}, version {found.get('api_version') or 'of the account'}"

    def _sent(self) -> str:
        """Return what our endpoint is sent, where that is all we wait for."""
        found = _ours()
        _raise(stripe_setup.events_amiss(found, is_live=gateway.is_live()))
        sent = found["enabled_events"]
        return "all" if "*" in sent else f"{len(sent)} kinds, and those of disputes among them"

    def _allowed(self) -> str:
        """Return what the portal lets customers do, where that is nothing that goes round us."""
        found = gateway.portal_configuration()
        if found is None:
            return "not set up yet: it is, as we need it, when it is first opened"
        _raise(stripe_setup.portal_amiss(found))
        features = found["features"]
        ends = "cancelling at the end of the period" if features["subscription_cancel"]["enabled"] else "no cancelling"
        return f"another card, past invoices, {ends}; no change of plan or seats, no pause"

    def _tax(self) -> str:
        """Preview a first invoice for a business abroad."""
        version = sold_versions()[0]
        with _customer() as customer:
            shown = gateway.preview(
                {
                    "customer": customer,
                    "currency": CURRENCY,
                    "automatic_tax": {"enabled": True},
                    "subscription_details": {"items": _seats(version)},
                }
            )
        return f"{shown['total']} EUR cents for {version.seats_min} seats of {version.plan.name} in Germany"

    def _portal(self) -> str:
        """Open the portal where a card is typed and confirmed, and led back from, as after a refused change."""
        with _customer() as customer:
            page = public_url(settings.SITE_HOST, "/")
            after = {"type": "redirect", "redirect": {"return_url": page}}
            flow = {"type": "payment_method_update", "after_completion": after}
            gateway.create_portal(
                {"customer": customer, "return_url": page, "flow_data": flow}, key=f"check:{uuid4()}:portal"
            )
        return "opens, with the way back"

    def _confirmation(self) -> str | None:
        """Buy with a card whose bank asks at every payment: refused with a word that we know, and nothing begun."""
        if gateway.is_live():
            return "not asked: a live key takes no test card"
        card = {"payment_method": ASKS, "invoice_settings": {"default_payment_method": ASKS}}
        with _customer(**card) as customer:
            terms = {
                "customer": customer,
                "items": _seats(sold_versions()[0]),
                "payment_behavior": "error_if_incomplete",
                "off_session": True,
            }
            try:
                gateway.create_subscription(terms, key=f"check:{uuid4()}:asks")
            except PaymentRefused as refused:
                reason = refused.members.get("reason")
                if reason not in changes.OWNER_IS_ASKED:
                    raise
                begun = [one for one in gateway.subscriptions_of(customer) if is_born(one)]
                return None if begun else f"refused with {reason}, and nothing begun"
        return None

    def _end(self) -> str:
        """Let a subscription end as our page and as the portal let it, and take each back as our page does."""
        if gateway.is_live():
            return _NOT_LIVE
        with _customer() as customer:
            made = _trial(customer)
            ends = max(item["current_period_end"] for item in made["items"]["data"])
            for how in ({"cancel_at_period_end": True}, {"cancel_at": ends}):
                _update(made["id"], how)
                back = ending.goes_on(gateway.subscription(made["id"]))
                if back is None:
                    raise Amiss(f"Told {how}, the subscription does not say that it ends.")
                _update(made["id"], back)
                if ending.goes_on(gateway.subscription(made["id"])) is not None:
                    raise Amiss(f"Told {how} and then {back}, the subscription still ends.")
        return "kept as a flag and as a day, and each taken back by its own name"

    def _deletion(self) -> str:
        """Delete a customer, and read of it what a fold reads of one that somebody has deleted in the dashboard."""
        with _customer() as customer:
            made = None if gateway.is_live() else _trial(customer)
        if not gateway.customer(customer).get("deleted"):
            raise Amiss("It is still there after it was deleted.")
        invoices, _ = gateway.invoices_of(customer)
        listed = {one["id"]: one for one in [*gateway.subscriptions_of(customer), *gateway.charges_of(customer)]}
        if made is None:
            return f"said to be deleted, and what it had can be asked for ({_NOT_LIVE} of what it had bought)"
        status = (listed.get(made["id"]) or gateway.subscription(made["id"]))["status"]
        if status != "canceled":
            raise Amiss(f"Its subscription is {status}: whoever is deleted goes on being charged.")
        if not invoices:
            raise Amiss("Its invoices are not listed any more: what is owed of them cannot be followed.")
        how = "listed" if made["id"] in listed else "read by its id"
        return f"its subscription is {status} and {how}, its invoices are listed"


class Amiss(Exception):
    """What was looked at is not as it must be; says what was seen, and how it is mended."""


_NOT_LIVE = "nothing is bought with a live key"


def _raise(amiss: Sequence[str]) -> None:
    if amiss:
        raise Amiss(" ".join(amiss))


def _ours() -> dict[str, Any]:
    """Return our endpoint as Stripe has it."""
    url = public_url(settings.SITE_HOST, WEBHOOK)
    found = next((one for one in gateway.webhook_endpoints() if one["url"] == url), None)
    if found is None:
        raise Amiss(f"None leads to {url}. Add it: Developers > Webhooks > Add destination.")
    return found


def _trial(customer: str) -> dict[str, Any]:
    """Begin a trial of the lowest plan for a customer of a check; it costs nothing, and its invoice says what it is."""
    terms = {
        "customer": customer,
        "items": _seats(sold_versions()[0]),
        "trial_period_days": 7,
        "metadata": stripe_setup.CHECK,
    }
    return gateway.create_subscription(terms, key=f"check:{uuid4()}:trial")


def _update(subscription: str, params: dict[str, Any]) -> None:
    gateway.update_subscription(subscription, params, key=f"check:{uuid4()}:end")


@contextmanager
def _customer(**more: Any) -> Iterator[str]:
    """Yield a customer in Germany who is deleted again, with whatever was made of them."""
    key = f"check:{uuid4()}"
    address = {"country": "DE", "line1": "Hafenstr. 1", "city": "Hamburg", "postal_code": "20457"}
    made = gateway.create_customer({"name": "A check of billing", "address": address, **more}, key=key)
    try:
        yield made["id"]
    finally:
        gateway.delete_customer(made["id"], key=f"{key}:delete")


def _seats(version: PlanVersion) -> list[dict[str, Any]]:
    return [{"price": products.ensure(version, CURRENCY, "month")["seat"], "quantity": version.seats_min}]
