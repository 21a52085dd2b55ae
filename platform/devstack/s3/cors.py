"""Which pages may speak to the store from a browser: those of organizations' hosts, on our suffix or on their own."""

from __future__ import annotations

import re
from collections.abc import Mapping

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_METHODS = ("GET", "HEAD", "PUT")
_ALLOWED_HEADER = re.compile(r"(?:content-type|content-md5|content-length|cache-control|range|x-amz-[a-z0-9-]{1,64})\Z")
_EXPOSED = (
    "ETag, Content-Range, Accept-Ranges, x-amz-request-id, "
    "x-amz-checksum-crc32, x-amz-checksum-crc32c, x-amz-checksum-sha1, x-amz-checksum-sha256"
)
_MAX_AGE_SECONDS = "3600"
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Cors:
    """The store's CORS rules.

    No credentials are ever allowed: what lets an upload in is its presigned URL, and whoever holds that needs no
    browser to use it. So a host outside our suffix may be an organization's own domain, which the store cannot know;
    of our own hosts only organizations' may, not the one of user-made content, nor staff, mail or the site.
    """

    def __init__(
        self, *, scheme: str, tenant_suffix: str, port: int, other_hosts: frozenset[str] = frozenset()
    ) -> None:
        port_part = "" if _DEFAULT_PORTS.get(scheme) == port else f":{port}"
        self._origin = re.compile(rf"{re.escape(scheme)}://(?P<host>{_LABEL}(?:\.{_LABEL})+){re.escape(port_part)}\Z")
        self._organization = re.compile(rf"{_LABEL}\.{re.escape(tenant_suffix)}\Z")
        self._suffix = tenant_suffix
        self._other_hosts = other_hosts

    def allows(self, origin: str) -> bool:
        """Whether a page of an organization may be at ``origin``: our scheme and port, and a host of one."""
        match = self._origin.match(origin)
        if match is None:
            return False
        host = match["host"]
        if host == self._suffix or host.endswith(f".{self._suffix}"):
            return self._organization.match(host) is not None and host not in self._other_hosts
        return not any(host == other or host.endswith(f".{other}") for other in self._other_hosts)

    def headers(self, origin: str | None) -> list[tuple[str, str]]:
        """Headers to add to an answer. ``Vary`` goes on all, so that no cache mixes origins."""
        added = [("vary", "Origin")]
        if origin is not None and self.allows(origin):
            added += [("access-control-allow-origin", origin), ("access-control-expose-headers", _EXPOSED)]
        return added

    def preflight(self, headers: Mapping[str, str]) -> list[tuple[str, str]] | None:
        """Answer an OPTIONS request: the headers of a 204, or None where it is refused."""
        origin = headers.get("origin")
        method = headers.get("access-control-request-method")
        if origin is None or method not in _METHODS or not self.allows(origin):
            return None
        wanted = [name.strip().lower() for name in headers.get("access-control-request-headers", "").split(",")]
        wanted = [name for name in wanted if name]
        if not all(_ALLOWED_HEADER.match(name) for name in wanted):
            return None
        answer = [
            ("access-control-allow-origin", origin),
            ("access-control-allow-methods", ", ".join(_METHODS)),
            ("access-control-max-age", _MAX_AGE_SECONDS),
            ("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
        ]
        if wanted:
            answer.append(("access-control-allow-headers", ", ".join(wanted)))
        return answer
