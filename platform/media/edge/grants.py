"""Signing: from a key to cookies or a query that open one revision of one asset, and nothing else."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings

from core.clock import now
from media.aws import signing
from media.edge import policy, token
from media.edge.interface import Grant, GrantCookie, GrantKind, Scope
from media.keys import Signer

LIFE = timedelta(minutes=10)
RENEW_AFTER = timedelta(minutes=5)
# Of a URL to one file. Two hours let URLs be made by the clock's hour, so that browsers keep what they fetched.
MAX_URL_LIFE = timedelta(hours=2)

# How long it takes until nothing works any more that was signed before now: the longest life, and processes that still
# sign with the old key for want of fresh news.
ALL_ENDED_AFTER = MAX_URL_LIFE + timedelta(minutes=10)

_DEFAULT_PORTS = {"http": 80, "https": 443}
# CloudFront allows no field of our own in a policy. Its "not before" lies in the past all the same, so any value does:
# a random one makes each policy, and so each grant, one of a kind that can be revoked alone.
_NONCE_SECONDS = 1_500_000_000


def origin(host: str) -> str:
    """Return ``scheme://host[:port]`` as browsers write it for a host of this installation."""
    scheme, port = settings.PUBLIC_SCHEME, settings.PUBLIC_PORT
    return f"{scheme}://{host}" if _DEFAULT_PORTS.get(scheme) == port else f"{scheme}://{host}:{port}"


def item_path(organization_id: UUID, item_id: UUID, scope: Scope = "v") -> str:
    """Return the public path of an asset or file: the cookies' path. Ends with a slash."""
    return f"{policy.tenant_path(str(organization_id))}{scope}/{item_id}/"


def sign(
    signer: Signer,
    organization_id: UUID,
    *,
    host: str,
    item_id: UUID,
    rev: UUID | str,
    kind: GrantKind = "cookie",
    scope: Scope = "v",
    life: timedelta = LIFE,
    secret: str = "",
) -> Grant:
    """Return a grant. The resource is built here from ids; nobody hands one in.

    With the organization's ``secret`` it carries a token as well, for an edge that asks for both.

    Raises:
        ValueError: ``rev`` or ``host`` is not one that can stand in a media URL.
    """
    path = item_path(organization_id, item_id, scope)
    base_url = f"{origin(host)}{path}{rev}/"
    _require_plain(base_url, f"{path}{rev}/x", rev, host)
    issued_at = now()
    expires_at = (issued_at + life).replace(microsecond=0)
    not_before = datetime.fromtimestamp(1 + secrets.randbelow(_NONCE_SECONDS), UTC)
    text = signing.custom_policy(f"{base_url}*", not_before=not_before, expires_at=expires_at)
    query = signing.signed_query(signer, f"{base_url}*", text)
    name = policy.policy_hash(text.encode())
    pass_ = _token(secret, organization_id, host, item_id, rev, scope, expires_at, name) if secret else ""
    cookies: tuple[GrantCookie, ...] = ()
    if kind == "cookie":
        secure = settings.PUBLIC_SCHEME == "https"
        pairs = [(policy.COOKIE_PREFIX + field, value) for field, value in _pairs(query)]
        pairs += [(token.COOKIE, pass_)] if pass_ else []
        cookies = tuple(GrantCookie(field, value, path, secure) for field, value in pairs)
    elif pass_:
        query = f"{query}&{token.PARAMETER}={pass_}"
    return Grant(
        base_url=base_url,
        issued_at=issued_at,
        renew_at=issued_at + min(RENEW_AFTER, life / 2),
        expires_at=expires_at,
        kind=kind,
        cookies=cookies,
        query=query if kind == "query" else None,
        policy_hash=name,
    )


def sign_url(
    signer: Signer,
    organization_id: UUID,
    *,
    host: str,
    item_id: UUID,
    rev: UUID | str,
    name: str,
    expires_at: datetime,
    scope: Scope = "v",
    secret: str = "",
) -> str:
    """Return a URL to one file of a revision, good until ``expires_at``, and for no other file.

    Raises:
        ValueError: a part cannot stand in a media URL, or the URL would live longer than two hours.
    """
    path = f"{item_path(organization_id, item_id, scope)}{rev}/{name}"
    url = f"{origin(host)}{path}"
    _require_plain(url, path, rev, host)
    if expires_at > now() + MAX_URL_LIFE:
        raise ValueError("a URL may live two hours")
    if secret:
        # The token is part of the URL that the signature is over. It belongs to no grant, so it has a name of its own.
        sid = secrets.token_hex(32)
        url += f"?{token.PARAMETER}={_token(secret, organization_id, host, item_id, rev, scope, expires_at, sid)}"
    return signing.signed_url(signer, url, expires_at)


def sign_cookies(signer: Signer, organization_id: UUID, *, host: str, item_id: UUID, rev: UUID | str) -> dict[str, str]:
    """Return the cookies of a grant by name, for whoever sets them in a way of their own."""
    made = sign(signer, organization_id, host=host, item_id=item_id, rev=rev)
    return {cookie.name: cookie.value for cookie in made.cookies}


def _pairs(query: str) -> list[tuple[str, str]]:
    return [(name, value) for name, _, value in (item.partition("=") for item in query.split("&"))]


def _token(
    secret: str,
    organization_id: UUID,
    host: str,
    item_id: UUID,
    rev: UUID | str,
    scope: Scope,
    expires_at: datetime,
    name: str,
) -> str:
    netloc = origin(host).partition("://")[2]
    expires = int(expires_at.timestamp())
    return token.Claims(netloc, str(organization_id), scope, str(item_id), str(rev), expires, token.sid_of(name)).token(
        secret
    )


def _require_plain(url: str, path: str, rev: UUID | str, host: str) -> None:
    try:
        fits = policy.parse_path(path).rev == str(rev) and policy.parse_netloc(host)[0] == host
    except policy.Refused:
        fits = False
    if not fits:
        raise ValueError(f"{url} cannot be a media URL")
