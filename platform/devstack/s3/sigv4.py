"""AWS Signature Version 4: who signed this request, and how its body is protected.

Both forms S3 knows: the ``Authorization`` header and the presigned URL. Stricter than S3 in one point: nothing that is
not signed may change a request, so every ``x-amz-*`` header that is present has to be among the signed ones.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote, unquote_to_bytes

from core.clock import now as clock_now
from devstack.s3.errors import S3Error

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
STREAMING_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
STREAMING_UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_MODES = frozenset({UNSIGNED, STREAMING, STREAMING_TRAILER, STREAMING_UNSIGNED_TRAILER})

EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_SKEW_SECONDS = 15 * 60
_MAX_EXPIRES_SECONDS = 7 * 24 * 3600
_HEX64 = re.compile(r"[0-9a-f]{64}\Z")
_SERVICE = "s3"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The one key pair that may use the store, and the region it signs for."""

    access_key: str
    secret_key: str
    region: str


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose signature holds. ``payload`` is a SHA-256 in hex or one of S3's payload modes.

    The last three are what a body signed chunk by chunk continues from.
    """

    payload: str
    signing_key: bytes
    seed_signature: str
    amz_date: str
    scope: str


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says of its own signature."""

    access_key: str
    date: str
    region: str
    signed_headers: tuple[str, ...]
    signature: str
    amz_date: str

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{_SERVICE}/aws4_request"


def verify(
    method: str,
    raw_path: bytes,
    raw_query: bytes,
    headers: Mapping[str, str],
    credentials: Credentials,
    *,
    now: datetime | None = None,
) -> Signed:
    """Check the signature of a request.

    ``headers`` have lower-case names; ``raw_path`` and ``raw_query`` are as they came over the wire.

    Raises:
        S3Error: 403 for a request that is unsigned, tampered with, expired or signed with another key; 400 where the
            signature cannot be read.
    """
    moment = now or clock_now()
    query = _parse_query(raw_query)
    names = [name for name, _ in query]
    in_query = "X-Amz-Algorithm" in names or "X-Amz-Signature" in names
    if in_query and "authorization" in headers:
        raise S3Error("InvalidArgument", "Only one way of signing a request is allowed.")
    if in_query:
        if len(set(names)) != len(names):
            raise S3Error("AuthorizationHeaderMalformed", "A query parameter is given twice.")
        claim = _from_query(dict(query), moment)
        query = [(name, value) for name, value in query if name != "X-Amz-Signature"]
        payload = headers.get("x-amz-content-sha256", UNSIGNED)
    elif "authorization" in headers:
        claim = _from_header(headers, moment)
        payload = headers.get("x-amz-content-sha256", "")
    else:
        raise S3Error("AccessDenied", "The request is not signed.")
    hash_is_signed = not in_query or "x-amz-content-sha256" in claim.signed_headers
    if not (_HEX64.match(payload) or payload == UNSIGNED or (payload in _MODES and hash_is_signed)):
        raise S3Error("InvalidArgument", "x-amz-content-sha256 must be a SHA-256 in hex or a known payload mode.")
    _require_signed_headers(claim, headers, presigned=in_query)
    if not hmac.compare_digest(claim.access_key.encode(), credentials.access_key.encode()):
        raise S3Error("InvalidAccessKeyId", "The access key id is not known here.")
    if claim.region != credentials.region:
        raise S3Error("AuthorizationHeaderMalformed", f"The region must be {credentials.region}.")
    canonical = "\n".join(
        (
            method,
            _canonical_path(raw_path),
            "&".join(f"{quote(n, safe='-_.~')}={quote(v, safe='-_.~')}" for n, v in sorted(query)),
            "".join(f"{name}:{' '.join(headers.get(name, '').split())}\n" for name in claim.signed_headers),
            ";".join(claim.signed_headers),
            payload if hash_is_signed else UNSIGNED,
        )
    )
    # Header values were read as Latin-1, so this gives back the bytes that were sent and signed.
    digest = hashlib.sha256(canonical.encode("latin-1", "replace")).hexdigest()
    to_sign = "\n".join((ALGORITHM, claim.amz_date, claim.scope, digest))
    key = signing_key(credentials.secret_key, claim.date, claim.region)
    expected = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
        raise S3Error("SignatureDoesNotMatch", "The signature does not belong to this request.")
    return Signed(payload, key, claim.signature, claim.amz_date, claim.scope)


def signing_key(secret_key: str, date: str, region: str) -> bytes:
    """Derive the key that signs on one day in one region."""
    key = f"AWS4{secret_key}".encode()
    for part in (date, region, _SERVICE, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _parse_query(raw_query: bytes) -> list[tuple[str, str]]:
    pairs = []
    for item in raw_query.split(b"&"):
        if not item:
            continue
        name, _, value = item.partition(b"=")
        try:
            pairs.append((unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()))
        except UnicodeDecodeError as error:
            raise S3Error("InvalidURI", "The query is not UTF-8.") from error
    return pairs


def _canonical_path(raw_path: bytes) -> str:
    return "/".join(quote(unquote_to_bytes(part), safe="-_.~") for part in raw_path.split(b"/")) or "/"


def _from_header(headers: Mapping[str, str], moment: datetime) -> _Claim:
    scheme, _, rest = headers["authorization"].partition(" ")
    fields = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if scheme != ALGORITHM or not {"Credential", "SignedHeaders", "Signature"} <= fields.keys():
        raise S3Error("AuthorizationHeaderMalformed", "The Authorization header cannot be read.")
    amz_date = headers.get("x-amz-date", "")
    signed_at = _instant(amz_date)
    if abs((moment - signed_at).total_seconds()) > _SKEW_SECONDS:
        raise S3Error("RequestTimeTooSkewed", "The request was signed too long ago or in the future.")
    return _claim(fields["Credential"], fields["SignedHeaders"], fields["Signature"], amz_date)


def _from_query(query: Mapping[str, str], moment: datetime) -> _Claim:
    needed = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")
    if not all(query.get(name) for name in (*needed, "X-Amz-Signature")) or query["X-Amz-Algorithm"] != ALGORITHM:
        raise S3Error("AuthorizationHeaderMalformed", "The query does not carry a whole signature.")
    expires = query["X-Amz-Expires"]
    if not (expires.isascii() and expires.isdigit() and 1 <= int(expires) <= _MAX_EXPIRES_SECONDS):
        raise S3Error("AuthorizationHeaderMalformed", "X-Amz-Expires must be 1 to 604800 seconds.")
    age = (moment - _instant(query["X-Amz-Date"])).total_seconds()
    if age > int(expires):
        raise S3Error("AccessDenied", "Request has expired")
    if age < -_SKEW_SECONDS:
        raise S3Error("AccessDenied", "Request is not valid yet")
    return _claim(
        query["X-Amz-Credential"], query["X-Amz-SignedHeaders"], query["X-Amz-Signature"], query["X-Amz-Date"]
    )


def _claim(credential: str, signed_headers: str, signature: str, amz_date: str) -> _Claim:
    parts = credential.split("/")
    if len(parts) != 5 or parts[3:] != [_SERVICE, "aws4_request"] or parts[1] != amz_date[:8]:
        raise S3Error("AuthorizationHeaderMalformed", "The credential's scope does not fit.")
    names = tuple(signed_headers.split(";"))
    if list(names) != sorted(set(names)) or any(name != name.lower() for name in names):
        raise S3Error("AuthorizationHeaderMalformed", "SignedHeaders must be sorted, lower case and without repeats.")
    return _Claim(parts[0], parts[1], parts[2], names, signature, amz_date)


def _instant(amz_date: str) -> datetime:
    try:
        return datetime.strptime(amz_date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise S3Error("AuthorizationHeaderMalformed", "The date of the signature cannot be read.") from error


def _require_signed_headers(claim: _Claim, headers: Mapping[str, str], *, presigned: bool) -> None:
    if "host" not in claim.signed_headers:
        raise S3Error("AccessDenied", "The host must be signed.")
    for name in headers:
        # A presigned URL cannot know its body: the hash of it may come unsigned, and is then checked all the same.
        if presigned and name == "x-amz-content-sha256":
            continue
        if name.startswith("x-amz-") and name not in claim.signed_headers:
            raise S3Error("AccessDenied", f"There were headers present in the request which were not signed: {name}")
