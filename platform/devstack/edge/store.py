"""An object store elsewhere: the verifier signs what the front door may fetch there, and the front door fetches it.

Signature Version 4 in headers, as AWS documents it ("Authenticating Requests: Using the Authorization Header"). The
body of a GET or HEAD is empty, so nothing but the method, the key and the time is signed; ranges pass through.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"
_PAYLOAD = "UNSIGNED-PAYLOAD"
_SIGNED = "host;x-amz-content-sha256;x-amz-date"


@dataclass(frozen=True, slots=True)
class RemoteStore:
    """One bucket of an S3 that somebody else runs, addressed by path. ``netloc`` as the Host header says it."""

    scheme: str
    netloc: str
    bucket: str
    access_key: str
    secret_key: str
    region: str

    @classmethod
    def parse(cls, url: str) -> RemoteStore:
        """Read ``http(s)://KEY:SECRET@host[:port]/bucket?region=…``.

        Raises:
            ValueError: keys or bucket are missing.
        """
        parts = urlsplit(url)
        bucket = parts.path.strip("/")
        if not (parts.username and parts.password and bucket):
            raise ValueError("LMS_S3_URL must be http(s)://KEY:SECRET@host[:port]/bucket?region=…")
        return cls(
            parts.scheme,
            _without_default_port(parts.scheme, parts.netloc.rpartition("@")[2]),
            bucket,
            unquote(parts.username),
            unquote(parts.password),
            parse_qs(parts.query).get("region", ["us-east-1"])[0],
        )

    @property
    def origin(self) -> str:
        """Scheme and host: where the front door sends what was signed."""
        return f"{self.scheme}://{self.netloc}"

    def signed(self, method: str, key: str, moment: datetime) -> dict[str, str]:
        """Return the headers that open ``key`` for ``method`` for a quarter of an hour from ``moment``.

        ``key`` holds nothing that a URL would have to encode: our keys are uuids, hashes and plain names.
        """
        stamp = moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{self.region}/s3/aws4_request"
        request = "\n".join(
            (
                method,
                f"/{self.bucket}/{key}",
                "",
                f"host:{self.netloc}",
                f"x-amz-content-sha256:{_PAYLOAD}",
                f"x-amz-date:{stamp}",
                "",
                _SIGNED,
                _PAYLOAD,
            )
        )
        text = "\n".join((_ALGORITHM, stamp, scope, hashlib.sha256(request.encode()).hexdigest()))
        signature = _hmac(_signing_key(self.secret_key, stamp[:8], self.region), text).hex()
        return {
            "X-Edge-Authorization": (
                f"{_ALGORITHM} Credential={self.access_key}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"
            ),
            "X-Edge-Date": stamp,
        }


@lru_cache(maxsize=4)  # one a day and store
def _signing_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, "s3", "aws4_request"):
        key = _hmac(key, part)
    return key


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _without_default_port(scheme: str, netloc: str) -> str:
    """Clients leave the scheme's own port out of the Host header, and the signature is over that header."""
    return netloc.removesuffix({"http": ":80", "https": ":443"}[scheme])
