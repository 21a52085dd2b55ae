"""One call of the API: who asks, what for, under which idempotency key, and the one transaction it runs in."""

from __future__ import annotations

import hashlib
import json
import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from devstack.stripe import expanding, forms
from devstack.stripe.errors import BadParameters, StripeError
from devstack.stripe.events import API_VERSION
from devstack.stripe.faults import Faults
from devstack.stripe.params import Obj
from devstack.stripe.store import Ledger, Object, Store, new_id, shown

log = logging.getLogger("devstack.stripe")

KEY_SECONDS = 24 * 3600
"""For so long the first result of a key is given again."""


@dataclass(frozen=True)
class Route:
    """One operation: ``does`` gets the transaction, the parameters and what stands in the path."""

    method: str
    path: str
    does: Callable[..., Object]
    accepts: Obj

    def match(self, method: str, path: str) -> dict[str, str] | None:
        if method != self.method:
            return None
        found = re.fullmatch(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path), path)
        return found.groupdict() if found else None


@dataclass(frozen=True)
class Request:
    """What came in."""

    method: str
    path: str
    query: str
    body: str
    authorization: str
    version: str
    key: str


@dataclass(frozen=True)
class Answer:
    """What goes out; ``drops`` closes the connection instead, as a network does that fails at the worst moment."""

    status: int
    body: str
    request_id: str
    replayed: bool = False
    drops: bool = False


class Calls:
    """Every operation of the API over one store."""

    def __init__(self, store: Store, routes: list[Route], secret_key: str, faults: Faults) -> None:
        self._store = store
        self._routes = routes
        self._secret_key = secret_key
        self._faults = faults
        self._in_flight: set[str] = set()

    def answer(self, request: Request) -> Answer:
        """Run the call, or say in Stripe's words why not. What goes wrong here is a 500, and nothing is kept of it."""
        request_id = new_id("req", 14)
        try:
            return self._answer(request, request_id)
        except Exception:
            log.exception("%s %s could not be answered", request.method, request.path)
            error = StripeError("The local Stripe failed; its log says where.", status=500, kind="api_error")
            return Answer(500, json.dumps(error.body()), request_id)

    def _answer(self, request: Request, request_id: str) -> Answer:
        try:
            self._check_caller(request)
            route, path = self._route(request)
            given = forms.decode(request.query if request.method == "GET" else request.body)
            if request.method == "DELETE" and request.query:
                given |= forms.decode(request.query)
            parameters = route.accepts(given, "")
        except StripeError as error:
            return Answer(error.status, json.dumps(error.body()), request_id)
        key = request.key if request.method == "POST" else ""
        if not key:
            return self._run(request, route, path, parameters, request_id)
        if key in self._in_flight:
            words = f"There is currently another in-progress request using this Idempotent Key ({key})."
            busy = StripeError(words, status=409, code="idempotency_key_in_use", kind="idempotency_error")
            return Answer(409, json.dumps(busy.body()), request_id)
        self._in_flight.add(key)
        try:
            return self._run(request, route, path, parameters, request_id)
        finally:
            self._in_flight.discard(key)

    def _check_caller(self, request: Request) -> None:
        given = request.authorization.removeprefix("Bearer ").strip()
        if not given:
            words = "You did not provide an API key. Put it into the Authorization header: Bearer YOUR_SECRET_KEY."
            raise StripeError(words, status=401)
        if not secrets.compare_digest(given.encode(), self._secret_key.encode()):
            words = f"Invalid API Key provided: {given[:8]}{'*' * max(0, min(20, len(given) - 8))}"
            raise StripeError(words, status=401)
        if request.version not in ("", API_VERSION):
            raise BadParameters(f"Invalid Stripe API version: {request.version}. This server speaks {API_VERSION}.")

    def _route(self, request: Request) -> tuple[Route, dict[str, str]]:
        for route in self._routes:
            path = route.match(request.method, request.path)
            if path is not None:
                return route, path
        words = f"Unrecognized request URL ({request.method}: {request.path}): Stripe has it not, or the local one."
        raise StripeError(words, status=404)

    def _run(
        self, request: Request, route: Route, path: dict[str, str], parameters: dict[str, Any], request_id: str
    ) -> Answer:
        key = request.key if request.method == "POST" else ""
        print_of_request = _fingerprint(request)
        fault = self._faults.take(request.method, request.path)
        if fault is not None and fault.kind in ("unavailable", "rate_limit"):
            return _unavailable(fault.kind, request_id)  # before anything began: nothing is remembered
        refusal: StripeError | None = None
        with self._store.transaction() as ledger:
            known = _known(ledger, key)
            if known is not None:
                return _replay(known, print_of_request, key)
            ledger.request = {"id": request_id, "idempotency_key": key or None}
            expand = parameters.pop("expand", None) or []
            ledger.sql.execute("SAVEPOINT execution")
            try:
                made = route.does(ledger, parameters, **path)
                status, body = 200, json.dumps(shown(expanding.expand(ledger, made, expand)))
            except BadParameters as error:
                refusal = error
                ledger.sql.execute("ROLLBACK TO execution")
                status, body = error.status, json.dumps(error.body())
            except StripeError as error:
                if not error.keeps:
                    ledger.sql.execute("ROLLBACK TO execution")
                status, body = error.status, json.dumps(error.body())
            if fault is not None and fault.kind == "error":
                ledger.sql.execute("ROLLBACK TO execution")
                status, body = 500, json.dumps(_broken().body())
            ledger.sql.execute("RELEASE execution")
            if fault is not None and fault.kind == "hold":
                time.sleep(fault.seconds)  # inside the transaction: a kill now loses all of it
            if key and refusal is None:
                ledger.sql.execute(
                    "INSERT OR REPLACE INTO keys VALUES (?, ?, ?, ?, ?)",
                    (key, print_of_request, status, body, time.time()),
                )
        return Answer(status, body, request_id, drops=fault is not None and fault.kind == "drop")


def _known(ledger: Ledger, key: str) -> Any:
    if not key:
        return None
    ledger.sql.execute("DELETE FROM keys WHERE made_at < ?", (time.time() - KEY_SECONDS,))
    return ledger.sql.execute("SELECT * FROM keys WHERE key = ?", (key,)).fetchone()


def _replay(known: Any, print_of_request: str, key: str) -> Answer:
    request_id = new_id("req", 14)
    if known["request"] != print_of_request:
        words = (
            "Keys for idempotent requests can only be used for the same endpoint with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a different request."
        )
        return Answer(400, json.dumps(StripeError(words, kind="idempotency_error").body()), request_id)
    return Answer(known["status"], known["body"], request_id, replayed=True)


def _fingerprint(request: Request) -> str:
    return hashlib.sha256(f"{request.method} {request.path}\n{request.body}".encode()).hexdigest()


def _broken() -> StripeError:
    return StripeError("An unknown error occurred (a fault that was asked for).", status=500, kind="api_error")


def _unavailable(kind: str, request_id: str) -> Answer:
    if kind == "rate_limit":
        error = StripeError("Too many requests hit the API too quickly.", status=429, code="rate_limit")
        return Answer(429, json.dumps(error.body()), request_id)
    error = StripeError("The service is not available (a fault that was asked for).", status=503, kind="api_error")
    return Answer(503, json.dumps(error.body()), request_id)
