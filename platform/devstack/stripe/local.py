"""What only a local Stripe can be told: faults, disputes, deliveries held back. JSON, and for this machine only."""

from __future__ import annotations

from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from devstack.stripe import charges, clocks, deliveries, invoices
from devstack.stripe.errors import BadParameters, StripeError
from devstack.stripe.faults import KINDS, Fault, Faults
from devstack.stripe.store import Ledger, Store, shown

AFTER_RETRIES = ("past_due", "unpaid", "canceled")


class Local:
    """The acts of the clock page, as calls."""

    def __init__(self, store: Store, faults: Faults, courier: deliveries.Courier) -> None:
        self._store = store
        self._faults = faults
        self._courier = courier

    def routes(self) -> list[Route]:
        return [
            Route("/local/health", self.health),
            *(Route(f"/local/{name}", self._act(name), methods=["POST"]) for name in ACTS),
            Route("/local/faults", self.faults, methods=["POST", "DELETE"]),
        ]

    async def health(self, request: Request) -> Response:
        return JSONResponse({"status": "ready"})

    async def faults(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._faults.clear()
            return JSONResponse({})
        given = await request.json()
        if given.get("kind") not in KINDS:
            return JSONResponse({"error": {"message": f"kind is one of {', '.join(KINDS)}"}}, 400)
        self._faults.add(Fault(**given))
        return JSONResponse(given)

    def _act(self, name: str) -> Any:
        async def answer(request: Request) -> Response:
            given = await request.json() if await request.body() else {}

            def act() -> Any:
                with self._store.transaction() as ledger:
                    return shown(ACTS[name](ledger, **given))

            try:
                made = await run_in_threadpool(act)
            except StripeError as error:
                return JSONResponse(error.body(), error.status)
            except TypeError as error:
                return JSONResponse({"error": {"message": str(error)}}, 400)
            self._courier.wake()
            return JSONResponse(made)

        return answer


def _advance(ledger: Ledger, *, seconds: int = 0, to: int | None = None) -> Any:
    return clocks.advance_to(ledger, to if to is not None else ledger.now() + seconds)


def _dispute(ledger: Ledger, *, charge: str, reason: str = "fraudulent") -> Any:
    found = ledger.get("charge", charge)
    if not found["paid"] or found["disputed"]:
        raise BadParameters("Only a paid charge that is not disputed yet can be disputed.", param="charge")
    return charges.dispute(ledger, found, reason)


def _close_dispute(ledger: Ledger, *, dispute: str, won: bool) -> Any:
    return charges.close_dispute(ledger, ledger.get("dispute", dispute), won=won)


def _refund(ledger: Ledger, *, charge: str, amount: int | None = None) -> Any:
    return charges.refund(ledger, {"charge": charge, **({"amount": amount} if amount is not None else {})})


def _hold(ledger: Ledger, *, held: bool) -> Any:
    ledger.set("held", "1" if held else "")
    return {"held": held}


def _redeliver(ledger: Ledger, *, event: str) -> Any:
    ledger.get("event", event)
    return {"deliveries": deliveries.redeliver(ledger, event)}


def _forget(ledger: Ledger, *, event: str) -> Any:
    """Never deliver it: for the sweep to find."""
    ledger.get("event", event)
    changed = ledger.sql.execute("UPDATE deliveries SET next_at = NULL WHERE event = ?", (event,))
    return {"deliveries": changed.rowcount}


def _after_retries(ledger: Ledger, *, status: str) -> Any:
    if status not in AFTER_RETRIES:
        raise BadParameters(f"status is one of {', '.join(AFTER_RETRIES)}.", param="status")
    ledger.set("after_retries", status)
    return {"after_retries": status}


def _give_up(ledger: Ledger, *, invoice: str) -> Any:
    return invoices.give_up(ledger, ledger.get("invoice", invoice))


ACTS: dict[str, Any] = {
    "advance": _advance,
    "disputes": _dispute,
    "closed_disputes": _close_dispute,
    "refunds": _refund,
    "deliveries": _hold,
    "redeliveries": _redeliver,
    "losses": _forget,
    "after_retries": _after_retries,
    "uncollectible": _give_up,
}
