"""CloudFront's rules for signed requests, and ours on top: what a policy is, when it holds, which paths exist.

Pure: no clock, no database, no Django. The signer writes policies with it and the local edge judges by it, so the two
cannot come apart. CloudFront's own semantics are kept where it has any (canned and custom policies, URL-safe base64
with ``-_~``, SHA-1 unless ``Hash-Algorithm`` says SHA256, ``*`` over slashes, ``?`` for one character, one statement).
We are stricter on purpose: a path that is not canonical, a parameter given twice or a policy without a resource inside
the organization's own path on its own host is refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import ipaddress
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

MEDIA_PREFIX = "/media/"
COOKIE_PREFIX = "CloudFront-"
PARAMETERS = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# No percent sign, no backslash, no empty part, and no part that begins with a dot: there is one way to write each path.
_SEGMENT = "[A-Za-z0-9_~-][A-Za-z0-9._~-]*"
_PATH = re.compile(rf"/media/t/({_UUID})/([vf])/({_UUID})/([A-Za-z0-9_-]{{1,64}})((?:/{_SEGMENT})+)")
_PATH_MAX = 1024
_QUERY_MAX = 4096
_POLICY_MAX_BYTES = 2048
_NETLOC = re.compile(r"(?=.{1,259}\Z)([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::([0-9]{1,5}))?")
_BASE64 = re.compile(r"[A-Za-z0-9~-]*_{0,2}")
_DIGITS = re.compile(r"[1-9][0-9]{0,15}")
_TO_URL_SAFE = bytes.maketrans(b"+=/", b"-_~")
_FROM_URL_SAFE = bytes.maketrans(b"-_~", b"+=/")
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {"SHA1": hashes.SHA1, "SHA256": hashes.SHA256}

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey


class Refused(Exception):
    """The request may not be served. ``reason`` is a stable word for logs, tests and the ``x-edge-reason`` header."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class MediaPath:
    """A canonical path to something of one organization: ``v`` a video, ``f`` a private file."""

    text: str
    organization: str
    kind: str
    item: str
    rev: str


@dataclass(frozen=True, slots=True)
class Presented:
    """A signature as it came, by cookie or by query. Either ``policy`` (custom) or ``expires`` (canned) is set."""

    key_id: str
    signature: bytes
    hash_algorithm: str
    policy: bytes | None
    expires: int | None


@dataclass(frozen=True, slots=True)
class Policy:
    """What a signed policy allows. Times are seconds since 1970; ``hash`` names it in the list of revoked grants."""

    resource: str
    expires: int
    not_before: int | None
    source: ipaddress.IPv4Network | None
    hash: str
    # A canned policy names one URL byte for byte: a star in it is a star.
    canned: bool = False


# -- paths and URLs


def parse_path(raw_path: str) -> MediaPath:
    """Return what an undecoded request path names.

    Raises:
        Refused: NotCanonical for any path but the one way of writing it.
    """
    match = _PATH.fullmatch(raw_path) if len(raw_path) <= _PATH_MAX else None
    if match is None:
        raise Refused("NotCanonical")
    return MediaPath(raw_path, match[1], match[2], match[3], match[4])


def parse_netloc(host_header: str) -> tuple[str, str]:
    """Return (host, host with port) of a Host header, which must be lower case and without a trailing dot.

    Raises:
        Refused: WrongHost.
    """
    match = _NETLOC.fullmatch(host_header)
    if match is None:
        raise Refused("WrongHost")
    return match[1], host_header


def tenant_path(organization: str) -> str:
    """Return the public path below which everything of one organization lies."""
    return f"{MEDIA_PREFIX}t/{organization}/"


def inside_tenant(resource: str, scheme: str, netloc: str, organization: str) -> bool:
    """Whether everything a resource can match is the organization's, on this host: its beginning has no wildcard."""
    return resource.startswith(f"{scheme}://{netloc}{tenant_path(organization)}")


def matches(resource: str, url: str) -> bool:
    """Whether a resource covers a URL: ``*`` is any run of characters, ``?`` exactly one. Linear in practice."""
    if resource.endswith("*") and not any(c in resource[:-1] for c in "*?"):
        return url.startswith(resource[:-1])
    at_resource = at_url = 0
    star = -1
    star_url = 0
    while at_url < len(url):
        # The star first: a URL may hold one itself, and there it must not stand for just that character.
        if at_resource < len(resource) and resource[at_resource] == "*":
            star, star_url = at_resource, at_url
            at_resource += 1
        elif at_resource < len(resource) and resource[at_resource] in ("?", url[at_url]):
            at_resource += 1
            at_url += 1
        elif star >= 0:
            star_url += 1
            at_resource, at_url = star + 1, star_url
        else:
            return False
    return resource[at_resource:].strip("*") == ""


# -- what the client presents


def presented(query: str, cookie_header: str) -> tuple[Presented, str]:
    """Return the signature of a request, and its query without the signature's parameters.

    Any of the parameters in the query makes the cookies count for nothing, as CloudFront has it.

    Raises:
        Refused: MissingKey, DuplicateParameter, MalformedSignature, MalformedPolicy.
    """
    if len(query) > _QUERY_MAX:
        raise Refused("MalformedQuery")
    ours: list[tuple[str, str]] = []
    others: list[str] = []
    for item in query.split("&") if query else ():
        name, _, value = item.partition("=")
        if name in PARAMETERS:
            ours.append((name, value))
        else:
            others.append(item)
    if not ours:
        for item in cookie_header.split(";"):
            name, _, value = item.strip().partition("=")
            if name.startswith(COOKIE_PREFIX) and name[len(COOKIE_PREFIX) :] in PARAMETERS:
                ours.append((name[len(COOKIE_PREFIX) :], value))
    return _presented(ours), "&".join(others)


def _presented(pairs: list[tuple[str, str]]) -> Presented:
    values = dict(pairs)
    if len(values) != len(pairs):
        raise Refused("DuplicateParameter")
    if not values.get("Key-Pair-Id") or not values.get("Signature"):
        raise Refused("MissingKey")
    if ("Policy" in values) == ("Expires" in values):
        raise Refused("MalformedPolicy")
    algorithm = values.get("Hash-Algorithm", "SHA1")
    if algorithm not in _HASHES:
        raise Refused("MalformedSignature")
    signature = decode(values["Signature"])
    if not signature:
        raise Refused("MalformedSignature")
    if "Expires" in values:
        if not _DIGITS.fullmatch(values["Expires"]):
            raise Refused("MalformedPolicy")
        return Presented(values["Key-Pair-Id"], signature, algorithm, None, int(values["Expires"]))
    policy = decode(values["Policy"])
    if not policy or len(policy) > _POLICY_MAX_BYTES:
        raise Refused("MalformedPolicy")
    return Presented(values["Key-Pair-Id"], signature, algorithm, policy, None)


# -- policies


def canned_policy(url: str, expires: int) -> bytes:
    """Return the policy CloudFront makes of ``Expires`` itself; byte for byte, since the signature is over it."""
    condition = f'{{"DateLessThan":{{"AWS:EpochTime":{expires}}}}}'
    return f'{{"Statement":[{{"Resource":"{url}","Condition":{condition}}}]}}'.encode()


def custom_policy(resource: str, expires: int, *, not_before: int | None = None, source: str | None = None) -> bytes:
    """Return a policy in its shortest form. Times are seconds since 1970; ``source`` is an IPv4 network."""
    condition: dict[str, Any] = {"DateLessThan": {"AWS:EpochTime": expires}}
    if not_before is not None:
        condition["DateGreaterThan"] = {"AWS:EpochTime": not_before}
    if source is not None:
        condition["IpAddress"] = {"AWS:SourceIp": source}
    statement = {"Resource": resource, "Condition": condition}
    return json.dumps({"Statement": [statement]}, separators=(",", ":")).encode()


def policy_hash(policy: bytes) -> str:
    """Return the name of a policy in the list of revoked grants."""
    return hashlib.sha256(policy).hexdigest()


def parse_policy(raw: bytes) -> Policy:
    """Read a custom policy.

    Raises:
        Refused: MalformedPolicy for anything but one statement with a resource and known conditions.
    """
    try:
        document = json.loads(raw, object_pairs_hook=_unique, parse_constant=_refuse_constant)
        (statement,) = _keys(document, {"Statement"})["Statement"]
        _keys(statement, {"Resource", "Condition"})
        condition = _keys(statement["Condition"], {"DateLessThan"}, {"DateGreaterThan", "IpAddress"})
        resource = statement["Resource"]
        if not isinstance(resource, str) or not resource:
            raise ValueError
        source = None
        if "IpAddress" in condition:
            address = _keys(condition["IpAddress"], {"AWS:SourceIp"})["AWS:SourceIp"]
            if not isinstance(address, str):
                raise ValueError("not an address")
            source = ipaddress.IPv4Network(address, strict=False)
        not_before = _epoch(condition["DateGreaterThan"]) if "DateGreaterThan" in condition else None
        return Policy(resource, _epoch(condition["DateLessThan"]), not_before, source, policy_hash(raw))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Refused("MalformedPolicy") from error


def _keys(value: Any, needed: set[str], allowed: set[str] | None = None) -> dict[str, Any]:
    if not isinstance(value, dict) or not needed <= value.keys() <= needed | (allowed or set()):
        raise ValueError("unexpected member")
    return value


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("a member is given twice")
        found[name] = value
    return found


def _refuse_constant(_: str) -> Any:
    raise ValueError("not JSON")


def _epoch(value: Any) -> int:
    seconds = _keys(value, {"AWS:EpochTime"})["AWS:EpochTime"]
    if type(seconds) is not int or not 0 < seconds < 1 << 53:
        raise ValueError("not a time")
    return seconds


# -- signatures


def encode(raw: bytes) -> str:
    """Return CloudFront's base64: ``+=/`` become ``-_~``."""
    return base64.b64encode(raw).translate(_TO_URL_SAFE).decode("ascii")


def decode(text: str) -> bytes:
    """Undo :func:`encode`; empty where the text is not exactly what it would have made."""
    if not _BASE64.fullmatch(text):
        return b""
    try:
        raw = base64.b64decode(text.encode().translate(_FROM_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        return b""
    return raw if encode(raw) == text else b""


def load_public_key(pem: str) -> PublicKey:
    """Return a public key of a kind CloudFront takes: RSA-2048 or P-256.

    Raises:
        ValueError: it is of another kind.
    """
    key = serialization.load_pem_public_key(pem.encode())
    if isinstance(key, rsa.RSAPublicKey) and key.key_size == 2048:
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    raise ValueError("a signing key must be RSA-2048 or P-256")


def verify(given: Presented, url: str, key: PublicKey) -> Policy:
    """Return the policy, if this key signed it. ``url`` is the one asked for, without the signature's parameters.

    Whether the policy holds now, and for this URL, is :func:`holds`.

    Raises:
        Refused: BadSignature, MalformedPolicy.
    """
    signed = given.policy if given.policy is not None else canned_policy(url, given.expires or 0)
    algorithm = _HASHES[given.hash_algorithm]()
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(given.signature, signed, padding.PKCS1v15(), algorithm)
        else:
            key.verify(given.signature, signed, ec.ECDSA(algorithm))
    except InvalidSignature as error:
        raise Refused("BadSignature") from error
    if given.policy is not None:
        return parse_policy(given.policy)
    return Policy(url, given.expires or 0, None, None, policy_hash(signed), canned=True)


def holds(policy: Policy, url: str, *, now: float, client: str) -> None:
    """Check a verified policy against this request.

    Raises:
        Refused: Expired, NotYetValid, ResourceMismatch, WrongAddress.
    """
    if now >= policy.expires:
        raise Refused("Expired")
    if policy.not_before is not None and now <= policy.not_before:
        raise Refused("NotYetValid")
    if policy.resource != url and (policy.canned or not matches(policy.resource, url)):
        raise Refused("ResourceMismatch")
    if policy.source is not None:
        try:
            address = ipaddress.IPv4Address(client)
        except ValueError as error:
            raise Refused("WrongAddress") from error
        if address not in policy.source:
            raise Refused("WrongAddress")
