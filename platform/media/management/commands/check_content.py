"""Open a package of active content through the front door as browsers do, a line each. Exit 1 where one fails.

Nothing that people make is active today, so this alone uses the hosts below ``LMS_CONTENT_SUFFIX``: name, certificate,
front door, token and sandbox are proved before a feature leans on them. What it puts into the store it removes again.
"""

from __future__ import annotations

import http.client
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.errors import NotFound
from core.ids import new_id
from media.prefixes import package_prefix
from media.services.content import content_url
from media.services.objects import store

SECONDS = 15.0
_FILES = {
    "index.html": b"<!doctype html><title>Check</title><script src='run.js'></script>",
    "run.js": b"document.title = self.origin",
    "tool.exe": b"<script>alert(1)</script>",
}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("organization", type=UUID, help="whose package it is to be: any that is active")
        parser.add_argument("--address", default="", help="host:port of the front door, where DNS does not lead there")

    def handle(self, *args: Any, **options: Any) -> None:
        self.failed, self.address = 0, options["address"]
        organization_id: UUID = options["organization"]
        file_id, rev = new_id(), new_id()
        prefix = package_prefix(organization_id, file_id, rev)
        try:
            with tenancy.bind(organization_id):
                url = content_url(file_id, rev)
        except NotFound as unknown:
            raise CommandError(f"There is no organization {organization_id}.") from unknown
        try:
            for name, body in _FILES.items():
                store().put_bytes(prefix + name, body, content_type="application/octet-stream", cache_control="")
            self._line("its page", lambda: self._page(url))
            self._line("its script", lambda: self._typed(url.replace("index.html", "run.js"), "text/javascript"))
            self._line("what is no page is a download", lambda: self._download(url.replace("index.html", "tool.exe")))
            self._line("another token", lambda: self._closed(_changed(url)))
            self._line("another host", lambda: self._closed(_elsewhere(url)))
        finally:
            store().delete_prefix(prefix)
        self._line("once it is removed", lambda: self._closed(url))
        if self.failed:
            sys.exit(1)

    def _line(self, what: str, look: Callable[[], str]) -> None:
        try:
            said, is_well = look(), True
        except (LookupError, OSError, http.client.HTTPException) as failed:
            said, is_well = str(failed), False
        self.failed += not is_well
        self.stdout.write(f"{'ok  ' if is_well else 'FAIL'} {what}: {said}")

    def _page(self, url: str) -> str:
        status, headers, body = self._ask(url)
        policy = headers.get("Content-Security-Policy", "")
        if status != 200 or body != _FILES["index.html"]:
            raise LookupError(f"{status} instead of the page")
        if "sandbox allow-scripts" not in policy or "allow-same-origin" in policy:
            raise LookupError(f"it has an origin: {policy}")
        if "Set-Cookie" in headers:
            raise LookupError("it sets a cookie")
        return f"in a sandbox without an origin, on {urlsplit(url).hostname}"

    def _typed(self, url: str, kind: str) -> str:
        status, headers, _ = self._ask(url)
        found = headers.get("Content-Type", "")
        if status != 200 or not found.startswith(kind) or headers.get("X-Content-Type-Options") != "nosniff":
            raise LookupError(f"{status} {found}")
        return found

    def _download(self, url: str) -> str:
        status, headers, _ = self._ask(url)
        if status != 200 or headers.get("Content-Disposition") != "attachment":
            raise LookupError(f"{status} {headers.get('Content-Type', '')}")
        return "attachment"

    def _closed(self, url: str) -> str:
        status, _, _ = self._ask(url)
        if status != 404:
            raise LookupError(f"{status} instead of nothing")
        return "404"

    def _ask(self, url: str) -> tuple[int, http.client.HTTPMessage, bytes]:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(self.address or parts.netloc, timeout=SECONDS)
        try:
            # A cookie that nobody may read there.
            connection.request("GET", parts.path, headers={"Host": parts.netloc, "Cookie": "__Host-session=check"})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read(65536)
        finally:
            connection.close()


def _changed(url: str) -> str:
    """Return the address with another token."""
    token = urlsplit(url).path.split("/")[1]
    return url.replace(token, token[:-2] + ("xx" if not token.endswith("xx") else "yy"))


def _elsewhere(url: str) -> str:
    """Return the address on the host of a package that is not there."""
    label = (urlsplit(url).hostname or "").partition(".")[0]
    return url.replace(label, "c" + "a" * (len(label) - 1), 1)
