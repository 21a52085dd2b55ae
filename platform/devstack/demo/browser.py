"""A person at the front door: one host, one cookie jar, the API as the page's own code calls it."""

from __future__ import annotations

import json
import re
from http.cookies import SimpleCookie
from typing import Any

import httpx

TIMEOUT_SECONDS = 60.0


class Refused(Exception):
    """The product answered with a problem; the text is what a person would read, ``code`` is for programs."""

    def __init__(self, words: str, *, code: str = "") -> None:
        super().__init__(words)
        self.code = code


class Browser:
    """Speaks to ``host`` through the front door on loopback.

    Cookies are kept by name: the product's are ``__Host-`` cookies, which never leave their host anyway.
    """

    def __init__(self, host: str, port: int, *, client: httpx.Client | None = None) -> None:
        """``client`` is one that reaches a front door elsewhere, over https and at its usual port."""
        self.host = host
        self._netloc = f"{host}:{port}" if client is None else host
        self._origin = f"{'http' if client is None else 'https'}://{self._netloc}"
        self._client = client or httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=TIMEOUT_SECONDS)
        self.cookies: dict[str, str] = {}
        self._csrf = ""

    def open(self, path: str) -> dict[str, Any]:
        """Load a page; return its boot data and take its CSRF token."""
        page = self._send("GET", path)
        found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', page.text, re.S)
        if found is None:
            raise Refused(f"{path} on {self.host} answered {page.status_code} without a page")
        boot: dict[str, Any] = json.loads(found.group(1))
        self._csrf = boot["csrf"]
        return boot

    def visit(self, path: str) -> None:
        """Follow a link for the cookies it sets; where it leads next is not followed."""
        self._send("GET", path)

    def read(self, path: str) -> bytes:
        """Return what is at a path, as it is.

        Raises:
            Refused: it is not there, or not for this person.
        """
        answer = self._send("GET", path)
        if not answer.is_success:
            raise Refused(f"GET {path} on {self.host}: {answer.status_code}")
        return answer.content

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call the API; return the answer's JSON.

        Raises:
            Refused: with the problem's own words.
        """
        answer = self._send(method, path, body, headers)
        content = answer.json() if answer.content else None
        if answer.is_success:
            return content
        words = content.get("detail") or content.get("errors") if isinstance(content, dict) else answer.text
        raise Refused(f"{method} {path} on {self.host}: {answer.status_code} {words}", code=_code(content))

    def upload(self, path: str, content: bytes, content_type: str) -> Any:
        """Send a file as it is; return the answer's JSON.

        Raises:
            Refused: with the problem's own words.
        """
        answer = self._send("POST", path, extra={"Content-Type": content_type}, content=content)
        if answer.is_success:
            return answer.json()
        raise Refused(f"POST {path} on {self.host}: {answer.status_code} {answer.text}", code=_code(answer.json()))

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Sign in with a password; return the boot data of the page after it."""
        self.open("/login")
        self.call("POST", "/_allauth/browser/v1/auth/login", {"email": email, "password": password})
        return self.open("/")

    def _send(
        self,
        method: str,
        path: str,
        body: Any = None,
        extra: dict[str, str] | None = None,
        content: bytes | None = None,
    ) -> httpx.Response:
        headers = {"Host": self._netloc, "X-CSRFToken": self._csrf, **(extra or {})}
        if method not in ("GET", "HEAD"):
            headers["Origin"] = self._origin
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self._client.cookies.clear()
        answer = self._client.request(method, path, json=body, content=content, headers=headers, follow_redirects=False)
        for line in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        return answer


def _code(content: Any) -> str:
    return str(content.get("code", "")) if isinstance(content, dict) else ""
