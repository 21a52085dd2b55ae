"""The customer portal's page."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.stripe import cards, customers, payment_methods, standing, subscriptions, tax_ids
from devstack.stripe.errors import StripeError
from devstack.stripe.pages.frame import Frame, card_of, form_of, onward
from devstack.stripe.store import Ledger, Object


class PortalPages:
    """Change the card, look at invoices, cancel and take it back."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        return [
            Route("/p/session/{session}", self.show),
            Route("/p/session/{session}/card", self.card, methods=["POST"]),
            Route("/p/session/{session}/details", self.details, methods=["POST"]),
            Route("/p/session/{session}/cancellation", self.cancel, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        return await self._show(request.path_params["session"], said=request.query_params.get("said", ""))

    async def card(self, request: Request) -> Response:
        session_id = request.path_params["session"]
        given = await form_of(request)
        if given.get("answer") == "no":
            return await self._show(session_id, given, {"number": "The bank could not confirm that it is you."})
        card, wrong = card_of(given)
        if wrong:
            return await self._show(session_id, given, wrong)
        try:
            chosen = cards.numbered(card["card"])
            if chosen.authenticates and given.get("answer") != "yes":
                return self._frame.page("authenticate.html", action=f"/p/session/{session_id}/card", given=given)

            def change(ledger: Ledger) -> str:
                session = ledger.get("billing_portal.session", session_id)
                _allowed(ledger, session, "payment_method_update")
                made = payment_methods.make(
                    ledger,
                    chosen,
                    exp_month=card["exp_month"],
                    exp_year=card["exp_year"],
                    authenticated=given.get("answer") == "yes",
                )
                attached = payment_methods.attach_to(ledger, made["id"], session["customer"])
                settings = {"invoice_settings": {"default_payment_method": attached["id"]}}
                customers.update(ledger, settings, session["customer"])
                for one in standing.living(ledger, session["customer"]):
                    standing.update(ledger, one, default_payment_method=attached["id"])
                return _after(session)

            return onward(await self._frame.work(change) or f"/p/session/{session_id}?said=card")
        except StripeError as error:
            if error.status == 404:
                return self._frame.missing(error)
            return await self._show(session_id, given, {"number": error.fields["message"]})

    async def details(self, request: Request) -> Response:
        session_id = request.path_params["session"]
        given = await form_of(request)

        def change(ledger: Ledger) -> str:
            session = ledger.get("billing_portal.session", session_id)
            _write_details(ledger, _allowed(ledger, session, "customer_update"), session["customer"], given)
            return f"/p/session/{session_id}?said=details"

        try:
            return onward(await self._frame.work(change))
        except StripeError as error:
            if error.status == 404:
                return self._frame.missing(error)
            field = "vat_id" if error.fields.get("code") == "tax_id_invalid" else "country"
            return await self._show(session_id, given, {field: error.fields["message"]})

    async def cancel(self, request: Request) -> Response:
        session_id = request.path_params["session"]
        given = await form_of(request)

        def change(ledger: Ledger) -> str:
            session = ledger.get("billing_portal.session", session_id)
            configuration = _allowed(ledger, session, "subscription_cancel")
            found = ledger.get("subscription", given.get("subscription", ""))
            if found["customer"] != session["customer"]:
                raise StripeError("That subscription is somebody else's.", status=404)
            if given.get("act") == "resume":
                by = "cancel_at_period_end" if found["cancel_at_period_end"] else "cancel_at"
                subscriptions.change(ledger, found, {by: None})
                return f"/p/session/{session_id}?said=resumed"
            if configuration["features"]["subscription_cancel"]["mode"] == "immediately":
                standing.end(ledger, found, reason="cancellation_requested")
            else:
                # As a day: with a flexible billing mode Stripe's own portal leaves the flag alone.
                ends = max(item["current_period_end"] for item in found["items"]["data"])
                subscriptions.change(ledger, found, {"cancel_at": ends})
            return _after(session) or f"/p/session/{session_id}?said=canceled"

        try:
            return onward(await self._frame.work(change))
        except StripeError as error:
            return self._frame.missing(error)

    async def _show(
        self,
        session_id: str,
        given: dict[str, str] | None = None,
        wrong: dict[str, str] | None = None,
        said: str = "",
    ) -> Response:
        try:
            context = await self._frame.work(lambda ledger: _context(ledger, session_id))
        except StripeError as error:
            return self._frame.missing(error)
        values = {"number": "", "expiry": "", "cvc": "", **context["known"], **(given or {})}
        status = 422 if wrong else 200
        return self._frame.page("portal.html", status=status, wrong=wrong or {}, values=values, said=said, **context)


def _context(ledger: Ledger, session_id: str) -> dict[str, Any]:
    session = ledger.get("billing_portal.session", session_id)
    customer = ledger.get("customer", session["customer"])
    configuration = ledger.get("billing_portal.configuration", session["configuration"])
    default = customer["invoice_settings"]["default_payment_method"]
    found = []
    for one in ledger.all("subscription", customer=customer["id"]):
        shown = {
            **one,
            "lines": one["items"]["data"],
            "ends": max(i["current_period_end"] for i in one["items"]["data"]),
        }
        for item in shown["lines"]:
            item["name"] = (ledger.find(item["price"]["product"]) or {}).get("name", "")
        found.append(shown)
        default = default or one["default_payment_method"]
    return {
        "session": session,
        "customer": customer,
        "features": configuration["features"],
        "known": known(ledger, customer),
        "allowed": set(configuration["features"]["customer_update"]["allowed_updates"]),
        "flow": (session["flow"] or {}).get("type", ""),
        "subscriptions": found,
        "method": ledger.find(default) if default else None,
        "invoices": [one for one in ledger.all("invoice", customer=customer["id"]) if one["status"] != "draft"],
    }


def known(ledger: Ledger, customer: Object) -> dict[str, str]:
    """What is known of a customer, by the fields of the pages."""
    address = customer.get("address") or {}
    owned = ledger.all("tax_id", customer=customer["id"]) if customer else []
    return {
        "email": customer.get("email") or "",
        "name": customer.get("name") or "",
        "line1": address.get("line1") or "",
        "city": address.get("city") or "",
        "postal_code": address.get("postal_code") or "",
        "country": address.get("country") or "US",
        "vat_id": owned[0]["value"] if owned else "",
    }


def _write_details(ledger: Ledger, configuration: Object, customer: str, given: dict[str, str]) -> None:
    allowed = configuration["features"]["customer_update"]["allowed_updates"]
    fields: dict[str, Any] = {name: given.get(name) or None for name in ("name", "email") if name in allowed}
    if "address" in allowed:
        names = ("line1", "city", "postal_code", "country")
        fields["address"] = {name: given.get(name) or None for name in names}
    if fields:
        customers.update(ledger, fields, customer)
    value = given.get("vat_id", "").replace(" ", "").upper()
    owned = {one["value"]: one["id"] for one in ledger.all("tax_id", customer=customer)}
    if "tax_id" in allowed and value not in owned:
        for tax_id in owned.values():
            tax_ids.delete(ledger, {}, customer, tax_id)
        if value:
            kind = "gb_vat" if value.startswith("GB") else "eu_vat"
            tax_ids.create(ledger, {"type": kind, "value": value}, customer)


def _allowed(ledger: Ledger, session: Object, feature: str) -> Object:
    configuration = ledger.get("billing_portal.configuration", session["configuration"])
    flow = (session["flow"] or {}).get("type")
    if not configuration["features"][feature]["enabled"] and flow != feature:
        raise StripeError("This portal does not offer that.", status=404)
    return configuration


def _after(session: Object) -> str:
    """Where a flow leads when it is done; "" stays on the page."""
    flow = session["flow"]
    if not flow:
        return ""
    redirect = flow["after_completion"]["redirect"]
    return str(redirect["return_url"]) if redirect else ""
