"""Browsers that remember every secret they send and get, so that logs and traces can be searched for them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from devstack.demo.browser import Browser

SENT = {"password", "code", "email", "token", "nonce_hash", "csrf", "summary"}
RECEIVED = {"token", "code", "csrf", "query"}
_SIGNED = {"X-Amz-Signature", "Signature", "Policy", "CloudFront-Signature", "CloudFront-Policy"}
_TOKEN_IN_PATH = re.compile(r"/([A-Za-z0-9_-]{30,})(?=/|$|\?)")
# An id of ours, or a word that problems and policies are called by.
_NO_SECRET = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[a-z]+(?:_[a-z]+)*")


class Secrets(dict[str, str]):
    """What must stand nowhere: secret -> what it is."""

    def plant(self, kind: str, secret: Any) -> None:
        """Remember one; what is too short to be told from other words is left out."""
        if isinstance(secret, str) and len(secret) >= 6 and not _NO_SECRET.fullmatch(secret):
            self[secret] = kind

    def plant_members(self, value: Any, names: set[str], kind: str) -> None:
        """Remember the members of an object with these names, however deep."""
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in names:
                    self.plant(f"{kind} {name}", inner)
                if isinstance(inner, str) and ("://" in inner or "?" in inner):
                    self.plant_url(inner, kind)
                self.plant_members(inner, names, kind)
        elif isinstance(value, list):
            for inner in value:
                self.plant_members(inner, names, kind)

    def plant_url(self, url: str, kind: str) -> None:
        """Remember what signs an address."""
        for name, values in parse_qs(urlsplit(url).query).items():
            if name in _SIGNED:
                self.plant(f"{kind} {name}", values[0])

    def found_in(self, text: str) -> dict[str, str]:
        """Return those that stand in ``text``. A code of digits counts where it is a number of its own."""
        return {secret: kind for secret, kind in self.items() if secret in text and _stands_alone(secret, text)}


def _stands_alone(secret: str, text: str) -> bool:
    if not secret.isdigit():
        return True
    return re.search(rf"(?<![\d.\w-]){secret}(?![\d\w-])", text) is not None


class Remembering(Browser):
    """A browser of the demo that plants what goes through it in ``secrets``."""

    secrets = Secrets()

    def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        extra: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        self.secrets.plant_members(body, SENT, "sent")
        for token in _TOKEN_IN_PATH.findall(path):
            self.secrets.plant("token in a path", token)
        answer = super()._send(method, path, body, extra, content)
        if "json" in answer.headers.get("content-type", "") and not self.host.startswith("mail."):
            self.secrets.plant_members(json.loads(answer.content or b"null"), RECEIVED, "received")
        for name, value in self.cookies.items():
            self.secrets.plant(f"cookie {name}", value)
        self.secrets.plant("csrf token", self._csrf)
        return answer
