"""CloudFront signatures, made by botocore.

botocore does not say which hash was used, and CloudFront takes SHA-1 where nothing is said: ``Hash-Algorithm`` is
added.
"""

from __future__ import annotations

from datetime import datetime

from botocore.signers import CloudFrontSigner

from media.keys import Signer

_SHA256 = "Hash-Algorithm=SHA256"


def custom_policy(resource: str, *, not_before: datetime, expires_at: datetime) -> str:
    """Return the policy that opens every URL the resource covers, between the two times."""
    policy: str = CloudFrontSigner("", bytes).build_policy(resource, expires_at, date_greater_than=not_before)
    return policy


def signed_query(signer: Signer, resource: str, policy: str) -> str:
    """Return the query that carries a custom policy and its signature."""
    url: str = CloudFrontSigner(signer.kid, signer.sign).generate_presigned_url(resource, policy=policy)
    return f"{url.partition('?')[2]}&{_SHA256}"


def signed_url(signer: Signer, url: str, expires_at: datetime) -> str:
    """Return a URL with a canned policy: this one URL, until ``expires_at``."""
    signed: str = CloudFrontSigner(signer.kid, signer.sign).generate_presigned_url(url, date_less_than=expires_at)
    return f"{signed}&{_SHA256}"
