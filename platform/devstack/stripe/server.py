"""The server: Stripe's API under ``/v1``, the pages, and what only a local one can be told."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from devstack.mailbox.web import font
from devstack.stripe import calls, clocks, webhooks
from devstack.stripe.config import Config
from devstack.stripe.deliveries import Courier
from devstack.stripe.events import API_VERSION
from devstack.stripe.faults import Faults
from devstack.stripe.local import Local
from devstack.stripe.pages.checkout import CheckoutPages
from devstack.stripe.pages.frame import HERE, Frame, tokens
from devstack.stripe.pages.home import HomePages
from devstack.stripe.pages.invoice import InvoicePages
from devstack.stripe.pages.portal import PortalPages
from devstack.stripe.routes import ROUTES
from devstack.stripe.store import Store

log = logging.getLogger("devstack.stripe")

TICK_SECONDS = 1.0


def application(config: Config) -> ASGIApp:
    """The whole server over the store in the data dir."""
    store = Store(config.data_dir / "stripe")
    _prepare(store, config)
    faults = Faults()
    courier = Courier(store)
    frame = Frame(store, courier, config.site_url)
    api = calls.Calls(store, ROUTES, config.secret_key, faults)

    async def answer(request: Request) -> Response:
        try:
            body = (await request.body()).decode("utf-8", "replace")
        except ClientDisconnect:
            return Response(status_code=400)
        asked = calls.Request(
            method=request.method,
            path=request.url.path,
            query=request.url.query,
            body=body,
            authorization=request.headers.get("authorization", ""),
            version=request.headers.get("stripe-version", ""),
            key=request.headers.get("idempotency-key", ""),
        )
        made = await run_in_threadpool(api.answer, asked)
        courier.wake()
        if made.drops:
            request.scope["drops"] = True
        headers = {"Request-Id": made.request_id, "Stripe-Version": API_VERSION, "Cache-Control": "no-store"}
        if asked.key:
            headers["Idempotency-Key"] = asked.key
        if made.replayed:
            headers |= {"Idempotent-Replayed": "true"}
        return Response(made.body, made.status, headers, media_type="application/json")

    @contextlib.asynccontextmanager
    async def alive(app: Starlette) -> AsyncIterator[None]:
        tasks = [asyncio.create_task(courier.run()), asyncio.create_task(_tick(store, courier))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    app = Starlette(
        routes=[
            Route("/v1/{path:path}", answer, methods=["GET", "POST", "DELETE"]),
            *Local(store, faults, courier).routes(),
            *CheckoutPages(frame).routes(),
            *PortalPages(frame).routes(),
            *InvoicePages(frame).routes(),
            *HomePages(frame).routes(),
            Route("/fonts/{name}", font),
            Route("/static/tokens.css", tokens),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        lifespan=alive,
    )
    return _Guard(app)


class _Guard:
    """Answers this machine only: another name that points here is somebody's trick, and so is another site's form."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        if request.url.hostname not in ("127.0.0.1", "localhost"):
            await Response("There is no Stripe on this host.", status_code=421)(scope, receive, send)
            return
        if request.method != "GET" and request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            await Response("A page of another site may not do this.", status_code=403)(scope, receive, send)
            return

        async def or_drop(message: Message) -> None:
            if not scope.get("drops"):
                await send(message)
                return
            # ASGI has no word for hanging up, so the server's own connection is taken.
            transport = getattr(getattr(send, "__self__", None), "transport", None)
            if transport is not None and not transport.is_closing():
                transport.abort()

        await self._app(scope, receive, or_drop)


async def _tick(store: Store, courier: Courier) -> None:
    """Time goes on by itself: what falls due is done within a second."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        try:
            if await asyncio.to_thread(_catch_up, store):
                courier.wake()
        except Exception:
            log.exception("something that fell due could not be done")


def _catch_up(store: Store) -> int:
    with store.transaction() as ledger:
        return clocks.run(ledger, ledger.now())


def _prepare(store: Store, config: Config) -> None:
    """What follows from the settings is written anew at each start: addresses, the product's own endpoint."""
    with store.transaction() as ledger:
        if config.frozen_at is not None and not ledger.setting("frozen"):
            ledger.set("frozen", str(config.frozen_at))
        if not ledger.setting("born"):
            ledger.set("born", str(int(time.time())))
        ledger.set("public_url", config.public_url)
        ledger.set("twice", "1" if config.twice else "0")
        old = ledger.find(webhooks.LOCAL)
        if config.webhook_url:
            at = old["created"] if old else ledger.now()
            ledger.put(
                webhooks.endpoint(
                    webhooks.LOCAL, config.webhook_url, config.webhook_secret, ["*"], at, description="The product"
                )
            )
        elif old:
            ledger.put({**old, "deleted": True})
