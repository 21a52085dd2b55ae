"""Host names: one canonical spelling, and which surface a host serves."""

from __future__ import annotations

import re
from typing import Literal

import idna
from django.conf import settings

# What a front door asks before it gets a certificate for a host: answered by tenants.tls_ask, on no host at all.
TLS_QUESTION = "/tls-ask/"
Surface = Literal["site", "staff", "content", "tenant"]

_LABEL = re.compile(r"^[a-z0-9_](?:[a-z0-9-]{0,61}[a-z0-9])?$")


class BadHost(ValueError):
    """The Host header is no host name."""


def canonical(raw: str) -> str:
    """Return ``raw`` in lower case, as A-labels, without port or final dot.

    Raises:
        BadHost: it is empty, an address literal, or holds what no host name may.
    """
    host = raw.strip()
    if not host or host.startswith("[") or any(c in host for c in "/@\\ \t\r\n,"):
        raise BadHost(raw)
    host, colon, port = host.partition(":")
    if colon and not port.isdigit():
        raise BadHost(raw)
    host = host.removesuffix(".").lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError as wrong:
            raise BadHost(raw) from wrong
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.match(label) for label in labels) or labels[-1].isdigit():
        raise BadHost(raw)
    return host


def surface_of(host: str) -> Surface:
    """Return which surface the canonical ``host`` serves; whether a tenant host exists is the catalogue's to say."""
    if host == settings.SITE_HOST:
        return "site"
    if host == settings.STAFF_HOST:
        return "staff"
    if host == settings.CONTENT_SUFFIX or host.endswith(f".{settings.CONTENT_SUFFIX}"):
        return "content"
    return "tenant"


def public_url(host: str, path: str = "/") -> str:
    """Return the address a browser uses for ``path`` on ``host``."""
    return f"{settings.PUBLIC_SCHEME}://{public_netloc(host)}{path}"


def public_netloc(host: str) -> str:
    """Return ``host`` with the port a browser names (none where it is the scheme's own)."""
    standard = {"http": 80, "https": 443}[settings.PUBLIC_SCHEME]
    return host if standard == settings.PUBLIC_PORT else f"{host}:{settings.PUBLIC_PORT}"
