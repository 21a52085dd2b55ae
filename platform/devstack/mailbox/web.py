"""The mailbox's pages and its JSON API, on a host of its own."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from devstack.mailbox import frame
from devstack.mailbox.links import parts_of
from devstack.mailbox.store import MessageNotFound, Store, Summary
from devstack.settings import ROOT, Settings

_HERE = Path(__file__).parent
_FONTS = ROOT / "frontend" / "node_modules" / "@fontsource-variable"
_FONT_FILES = {
    "onest.woff2": _FONTS / "onest/files/onest-latin-wght-normal.woff2",
    "onest-ext.woff2": _FONTS / "onest/files/onest-latin-ext-wght-normal.woff2",
    "onest-cyrillic.woff2": _FONTS / "onest/files/onest-cyrillic-wght-normal.woff2",
    "geist-mono.woff2": _FONTS / "geist-mono/files/geist-mono-latin-wght-normal.woff2",
}
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def application(store: Store, settings: Settings) -> Starlette:
    """The mailbox for this store. Only its own host, or the loopback address, is answered."""
    pages = Pages(store, settings)
    return Starlette(
        routes=[
            Route("/", pages.inbox),
            Route("/messages/{id}", pages.message),
            Route("/messages/{id}/html", pages.html_part),
            Route("/messages/{id}/source", pages.source),
            Route("/api/messages", pages.api_list),
            Route("/api/messages/{id}", pages.api_message),
            Route("/api/searches/", pages.api_search, methods=["POST"]),
            Route("/api/removals/", pages.api_remove, methods=["POST"]),
            Route("/fonts/{name}", font),
            Mount("/static", StaticFiles(directory=_HERE / "static")),
        ],
        middleware=[Middleware(Guard, hosts={settings.mail_host, "127.0.0.1", "localhost"})],
        exception_handlers={HTTPException: pages.refusal},  # type: ignore[dict-item]
    )


class Guard:
    """Answers only its own hosts (another name pointing here is somebody's trick), and sets every answer's headers."""

    def __init__(self, app: ASGIApp, hosts: set[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if Request(scope).url.hostname not in self._hosts:
            await Response("There is no mailbox on this host.", status_code=421)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name.lower() for name, _ in message["headers"]}
                for name, value in (
                    (b"content-security-policy", _POLICY.encode()),
                    (b"cache-control", b"no-store"),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"no-referrer"),
                    (b"cross-origin-opener-policy", b"same-origin"),
                    (b"cross-origin-resource-policy", b"same-origin"),
                ):
                    if name not in names:
                        message["headers"].append((name, value))
            await send(message)

        await self._app(scope, receive, with_headers)


class Pages:
    """What each address shows."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters |= {"when": when, "parts": parts_of}
        self._templates.globals |= {"site_url": settings.url(settings.site_host), "sandbox": frame.SANDBOX}

    async def inbox(self, request: Request) -> Response:
        to = request.query_params.get("to", "")
        return self._page("inbox.html", messages=self._store.newest(to=to), to=to, open_id="")

    async def message(self, request: Request) -> Response:
        to = request.query_params.get("to", "")
        message = self._get(request)
        context = {"messages": self._store.newest(to=to), "to": to, "open_id": message.summary.id, "message": message}
        return self._page("message.html", **context)

    async def html_part(self, request: Request) -> Response:
        html = self._get(request).html
        if html is None:
            raise HTTPException(404, "This message has no HTML part.")
        page = frame.document(html)
        return HTMLResponse(page, headers={"Content-Security-Policy": frame.policy(page)})

    async def source(self, request: Request) -> Response:
        self._get(request)
        return Response(self._store.source(request.path_params["id"]), media_type="text/plain; charset=utf-8")

    async def api_list(self, request: Request) -> Response:
        query = request.query_params
        try:
            limit = max(1, min(int(query.get("limit", "100")), 500))
        except ValueError as error:
            raise HTTPException(422, "limit is a whole number.") from error
        found = self._store.newest(to=query.get("to", ""), after=query.get("after", ""), limit=limit)
        return JSONResponse({"items": [self._json(summary.id) for summary in found], "next": None})

    async def api_message(self, request: Request) -> Response:
        return JSONResponse(self._json(self._get(request).summary.id))

    async def api_search(self, request: Request) -> Response:
        return JSONResponse({"found": len(self._store.fitting(await _criteria(request)))})

    async def api_remove(self, request: Request) -> Response:
        return JSONResponse({"removed": self._store.remove(self._store.fitting(await _criteria(request)))})

    async def refusal(self, request: Request, problem: HTTPException) -> Response:
        if request.url.path.startswith("/api/"):
            body = {"type": "about:blank", "title": problem.detail, "status": problem.status_code}
            return JSONResponse(body, problem.status_code, media_type="application/problem+json")
        return self._page("missing.html", status=problem.status_code, detail=problem.detail)

    def _get(self, request: Request) -> Any:
        try:
            return self._store.get(request.path_params["id"])
        except MessageNotFound as error:
            raise HTTPException(404, "This message is not in the mailbox.") from error

    def _json(self, message_id: str) -> dict[str, Any]:
        message = self._store.get(message_id)
        return {
            **_summary_json(message.summary),
            "from": next((value for name, value in message.headers if name.lower() == "from"), ""),
            "headers": [{"name": name, "value": value} for name, value in message.headers],
            "text": message.text,
            "html": message.html,
            "links": message.links,
            "attachments": [
                {"name": name, "content_type": kind, "size_bytes": size} for name, kind, size in message.attachments
            ],
        }

    def _page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        return HTMLResponse(self._templates.get_template(template).render(**context), status_code=status)


async def font(request: Request) -> Response:
    """A font of the built application; without it the page falls back to the system's."""
    file = _FONT_FILES.get(request.path_params["name"])
    if file is None or not file.is_file():
        raise HTTPException(404, "There is no such font.")
    return FileResponse(file, media_type="font/woff2", headers={"Cache-Control": "public, max-age=86400"})


def when(seconds: float) -> str:
    """A moment as a person says it: the time today, else the day as well. Local time."""
    moment = time.localtime(seconds)
    today = time.localtime()
    if (moment.tm_year, moment.tm_yday) == (today.tm_year, today.tm_yday):
        return time.strftime("%H:%M", moment)
    return time.strftime("%d %b, %H:%M", moment)


def _summary_json(summary: Summary) -> dict[str, Any]:
    content = asdict(summary)
    received = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(content.pop("received_at")))
    del content["sender"]
    content["to"] = list(content.pop("recipients"))
    return {**content, "received_at": received}


async def _criteria(request: Request) -> list[dict[str, Any]]:
    """What a search or removal asks for. JSON only: a form on another page can't send that here."""
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415, "Send JSON.")
    try:
        found = (await request.json())["criteria"]
    except (ValueError, KeyError, TypeError) as error:
        raise HTTPException(422, "criteria is a list of objects with words.") from error
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise HTTPException(422, "criteria is a list of objects with words.")
    return found
