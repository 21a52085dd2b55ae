"""The hosted page of an invoice, and the invoice as a file."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from devstack.stripe import cards, invoices, payment_methods, standing
from devstack.stripe.errors import StripeError
from devstack.stripe.pages import pdf
from devstack.stripe.pages.frame import Frame, card_of, form_of, onward
from devstack.stripe.store import Ledger, Object


class InvoicePages:
    """Look at it, pay it, take it along."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        return [
            Route("/i/{invoice}", self.show),
            Route("/i/{invoice}", self.pay, methods=["POST"]),
            Route("/i/{invoice}/pdf", self.file),
        ]

    async def show(self, request: Request) -> Response:
        return await self._show(request.path_params["invoice"], {}, {})

    async def file(self, request: Request) -> Response:
        try:
            found = await self._frame.work(lambda ledger: _final(ledger, request.path_params["invoice"]))
        except StripeError as error:
            return self._frame.missing(error)
        headers = {"Content-Disposition": f'attachment; filename="Invoice-{found["number"]}.pdf"'}
        return Response(pdf.invoice(found), headers=headers, media_type="application/pdf")

    async def pay(self, request: Request) -> Response:
        invoice_id = request.path_params["invoice"]
        given = await form_of(request)
        if given.get("answer") == "no":
            return await self._show(invoice_id, given, {"number": "The bank could not confirm that it is you."})
        kept = given.get("with") == "kept"
        card, wrong = ({}, {}) if kept else card_of(given)
        if wrong:
            return await self._show(invoice_id, given, wrong)
        try:
            chosen = None if kept else cards.numbered(card["card"])
            if chosen and chosen.authenticates and given.get("answer") != "yes":
                return self._frame.page("authenticate.html", action=f"/i/{invoice_id}", given=given)
            said = await self._frame.work(lambda ledger: _pay(ledger, invoice_id, chosen, card, given))
        except StripeError as error:
            if error.status == 404:
                return self._frame.missing(error)
            return await self._show(invoice_id, given, {"number": error.fields["message"]})
        if said:
            return await self._show(invoice_id, given, {"number": said})
        return onward(f"/i/{invoice_id}")

    async def _show(self, invoice_id: str, given: dict[str, str], wrong: dict[str, str]) -> Response:
        try:
            context = await self._frame.work(lambda ledger: _context(ledger, invoice_id))
        except StripeError as error:
            return self._frame.missing(error)
        values = {"number": "", "expiry": "", "cvc": "", **given}
        return self._frame.page("invoice.html", status=422 if wrong else 200, wrong=wrong, values=values, **context)


def _final(ledger: Ledger, invoice_id: str) -> Object:
    found = ledger.get("invoice", invoice_id)
    if found["status"] == "draft":
        raise StripeError("This invoice is still a draft.", status=404)
    return found


def _context(ledger: Ledger, invoice_id: str) -> dict[str, Any]:
    found = _final(ledger, invoice_id)
    chosen = invoices.default_payment_method(ledger, found)
    reverse = any(one["taxability_reason"] == "reverse_charge" for one in found["total_taxes"])
    return {"invoice": found, "method": ledger.find(chosen) if chosen else None, "reverse": reverse}


def _pay(
    ledger: Ledger, invoice_id: str, chosen: cards.Card | None, card: dict[str, Any], given: dict[str, str]
) -> str:
    """Pay it; returns why not, in words. What was tried is kept either way."""
    found = _final(ledger, invoice_id)
    if found["status"] not in ("open", "uncollectible"):
        return ""
    method = None
    if chosen is not None:
        made = payment_methods.make(
            ledger,
            chosen,
            exp_month=card["exp_month"],
            exp_year=card["exp_year"],
            authenticated=given.get("answer") == "yes",
        )
        method = payment_methods.attach_to(ledger, made["id"], found["customer"])["id"]
        # As the box on Stripe's page says: later invoices of the subscription are paid with it too.
        subscription = ledger.find(standing.subscription_of(found) or "")
        if subscription and subscription["status"] not in standing.DEAD:
            standing.update(ledger, subscription, default_payment_method=method)
    _, says = invoices.collect(ledger, found, payment_method=method, present=True)
    if says == "missing_payment_method":
        return "There is no card on file: enter one."
    return cards.words(says)[1] if says else ""
