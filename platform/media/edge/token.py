"""The token that CloudFront's function asks for at distribution tenants, and the judge of it that the local edge has.

Pure, like :mod:`media.edge.policy`. The function is ``function/media_token.js``; one set of vectors holds the two
together. A token says which item and revision of which organization on which host, until when, and by which grant: all
of it under an HMAC with a secret that only this organization has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import uuid
from collections.abc import Container, Mapping
from dataclasses import dataclass

from media.edge.policy import MediaPath, Refused

COOKIE = "LMS-Media-Token"
PARAMETER = "Media-Token"
# Keys of the function's key-value store: an organization's id, and this before the id of an ended grant.
REVOKED_PREFIX = "r:"

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TOKEN = re.compile(
    rf"1\.([vf])\.({_UUID})\.([A-Za-z0-9_-]{{1,64}})\.([1-9][0-9]{{0,15}})\.([0-9a-f]{{32}})\.([A-Za-z0-9_-]{{43}})"
)
_SID_LENGTH = 32
_SHARDS = uuid.UUID("6f1b0c6e-5f0e-5c55-9a0b-3f6d2f5f7c11")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. ``host`` is as browsers send it, port and all."""

    host: str
    organization: str
    scope: str
    item: str
    rev: str
    expires: int
    sid: str

    def _said(self) -> bytes:
        parts = ("1", self.host, self.organization, self.scope, self.item, self.rev, str(self.expires), self.sid)
        return "|".join(parts).encode()

    def mac(self, secret: str) -> str:
        """Return the code over all of it."""
        digest = hmac.new(secret.encode(), self._said(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")

    def token(self, secret: str) -> str:
        """Return the token."""
        return f"1.{self.scope}.{self.item}.{self.rev}.{self.expires}.{self.sid}.{self.mac(secret)}"


def shard_id(template: str) -> uuid.UUID:
    """Return the owner of the key group that all distribution tenants of a template share."""
    return uuid.uuid5(_SHARDS, template)


def sid_of(policy_hash: str) -> str:
    """Return the id by which a token belongs to a grant: the beginning of its policy's hash."""
    return policy_hash[:_SID_LENGTH]


def presented(query: str, cookie_header: str) -> str:
    """Return the token a request carries; one in the query makes the cookie count for nothing.

    Raises:
        Refused: MissingToken, DuplicateParameter.
    """
    found = _values(query.split("&"), PARAMETER) or _values(cookie_header.split(";"), COOKIE)
    if not found or not found[0]:
        raise Refused("MissingToken")
    if len(found) > 1:
        raise Refused("DuplicateParameter")
    return found[0]


def _values(items: list[str], wanted: str) -> list[str]:
    pairs = (item.strip(" ").partition("=") for item in items)
    return [value for name, _, value in pairs if name == wanted]


def verify(
    token: str, path: MediaPath, host: str, *, secrets: Mapping[str, str], revoked: Container[str], now: float
) -> str:
    """Return the grant's id if the organization in the path made this token, for this host, item and revision.

    ``secrets`` has an organization's secrets by its id, as the key-value store does: one or two, by comma.

    Raises:
        Refused: MalformedToken, TokenMismatch, UnknownKey, BadToken, Expired, GrantRevoked.
    """
    match = _TOKEN.fullmatch(token)
    if match is None:
        raise Refused("MalformedToken")
    scope, item, rev, expires, sid, mac = match.groups()
    if (scope, item, rev) != (path.kind, path.item, path.rev):
        raise Refused("TokenMismatch")
    known = secrets.get(path.organization)
    if known is None:
        raise Refused("UnknownKey")
    claims = Claims(host, path.organization, scope, item, rev, int(expires), sid)
    if not any(hmac.compare_digest(claims.mac(secret), mac) for secret in known.split(",")):
        raise Refused("BadToken")
    if now >= claims.expires:
        raise Refused("Expired")
    if sid in revoked:
        raise Refused("GrantRevoked")
    return sid
