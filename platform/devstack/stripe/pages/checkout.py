"""The checkout page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.stripe import buying, checkout
from devstack.stripe.errors import StripeError
from devstack.stripe.pages.frame import Frame, card_of, form_of, onward
from devstack.stripe.pages.portal import known
from devstack.stripe.store import Ledger, Object

# What a refusal is about -> the field it is shown at.
_FIELDS = {"number": "number", "value": "vat_id", "address[country]": "country", "email": "email"}
_BY_CODE = {"expired_card": "expiry", "incorrect_cvc": "cvc", "tax_id_invalid": "vat_id", "email_invalid": "email"}


class CheckoutPages:
    """From the plan to the payment."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        return [
            Route("/c/pay/{session}", self.show),
            Route("/c/pay/{session}", self.pay, methods=["POST"]),
            Route("/c/pay/{session}/quote", self.quote),
        ]

    async def show(self, request: Request) -> Response:
        return await self._show(request.path_params["session"], {}, {})

    async def quote(self, request: Request) -> Response:
        """The sums again, for another country or VAT id: the page puts them in place."""
        country, vat_id = request.query_params.get("country", ""), request.query_params.get("vat_id", "")
        try:
            context = await self._frame.work(
                lambda ledger: _summary(ledger, request.path_params["session"], country, vat_id)
            )
        except StripeError as error:
            return self._frame.missing(error)
        return self._frame.partial("_summary.html", **context)

    async def pay(self, request: Request) -> Response:
        session_id = request.path_params["session"]
        given = await form_of(request)
        if given.get("answer") == "no":
            wrong = {"number": "The bank could not confirm that it is you. Try again, or take another card."}
            return await self._show(session_id, given, wrong)
        card, wrong = card_of(given)
        wrong |= _missing(given)
        if wrong:
            return await self._show(session_id, given, wrong)
        buyer = buying.Buyer(
            email=given["email"],
            name=given["name"],
            address={
                "line1": given.get("line1") or None,
                "line2": None,
                "city": given.get("city") or None,
                "postal_code": given.get("postal_code") or None,
                "state": None,
                "country": given["country"],
            },
            vat_id=given.get("vat_id", ""),
            authenticated=given.get("answer") == "yes",
            **card,
        )

        def buy(ledger: Ledger) -> Object:
            return buying.complete(ledger, ledger.get("checkout.session", session_id), buyer)

        try:
            done = await self._frame.work(buy)
        except buying.NeedsAuthentication:
            return self._frame.page("authenticate.html", action=f"/c/pay/{session_id}", given=given)
        except StripeError as error:
            if error.status == 404:
                return self._frame.missing(error)
            code, param = error.fields.get("code", ""), error.fields.get("param", "")
            field = _BY_CODE.get(code) or _FIELDS.get(param) or "number"
            return await self._show(session_id, given, {field: error.fields["message"]})
        return onward(buying.success_url(done))

    async def _show(self, session_id: str, given: dict[str, str], wrong: dict[str, str]) -> Response:
        def look(ledger: Ledger) -> dict[str, Any]:
            session = ledger.get("checkout.session", session_id)
            known = _known(ledger, session)
            values = {**known, **given}
            return {**_summary(ledger, session_id, values["country"], values["vat_id"]), "values": values}

        try:
            context = await self._frame.work(look)
        except StripeError as error:
            return self._frame.missing(error)
        session = context["session"]
        if session["status"] == "complete":
            words = "This checkout is done: the subscription is in place."
            back = buying.success_url(session)
            return self._frame.message("Paid already", words, link=back, link_text="Go on")
        if session["status"] == "expired":
            words = "This checkout is no longer open. Begin again where you came from."
            back = session["cancel_url"] or ""
            return self._frame.message("Expired", words, status=410, link=back, link_text="Back")
        return self._frame.page("checkout.html", status=422 if wrong else 200, wrong=wrong, **context)


def _summary(ledger: Ledger, session_id: str, country: str, vat_id: str) -> dict[str, Any]:
    session = ledger.get("checkout.session", session_id)
    items = []
    for item in checkout.items_of(ledger, session):
        metered = item["price"]["recurring"]["usage_type"] == "metered"
        kept = next(one for one in session["_items"] if one["price"] == item["price"]["id"])
        whole = 0 if metered else checkout.amount_of(ledger, kept, session["currency"])
        items.append({**item, "is_metered": metered, "whole": whole})
    first, then = None, None
    if session["status"] == "open":
        try:
            first = buying.quote(ledger, session, country, vat_id)
            then = buying.quote(ledger, session, country, vat_id, trial=False)
        except StripeError:
            first = then = None  # a country or a number that is not finished yet: the sums without tax
    data = session["_subscription_data"]
    days = data.get("trial_period_days")
    trial_end = data.get("trial_end") or (ledger.now() + days * 86400 if days else None)
    return {"session": session, "items": items, "first": first, "then": then, "trial_end": trial_end}


def _known(ledger: Ledger, session: Object) -> dict[str, str]:
    customer = ledger.find(session["customer"]) if session["customer"] else None
    found = known(ledger, customer or {})
    found["email"] = found["email"] or session["customer_email"] or ""
    return {**found, "number": "", "expiry": "", "cvc": ""}


def _missing(given: dict[str, str]) -> dict[str, str]:
    wrong = {}
    if "@" not in given.get("email", ""):
        wrong["email"] = "Enter an e-mail address."
    if not given.get("name"):
        wrong["name"] = "Enter the name of the person or the company that buys."
    if not given.get("country"):
        wrong["country"] = "Choose a country."
    return wrong
