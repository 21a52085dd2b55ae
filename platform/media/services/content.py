"""User-made active content: HTML and its scripts, which browsers run far away from every page of ours.

Each package (one revision of one private file of an organization) has a host of its own under ``CONTENT_SUFFIX``, whose
name nobody can guess or choose, and is opened by a token in the path: no cookie is read there and none is set. The
token lives an hour, names the page that may frame the content, and ends with the organization's generation.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

import tenancy
from core.objects import ObjectBody, ObjectGone
from media.prefixes import package_prefix
from media.services.objects import store
from tenancy import catalog, signing
from tenancy.hosts import public_url

LASTS_SECONDS = 3600
_PURPOSE = "content"
_PATH_MAX = 512
# No percent sign, no backslash, no empty part and none that begins with a dot: there is one way to write each path.
_PATH = re.compile(r"[A-Za-z0-9_~-][A-Za-z0-9._~-]*(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")


class ContentRefused(Exception):
    """There is nothing at this address: forged, ended, of another host, or not there. Which of them is not said."""


@dataclass(frozen=True, slots=True)
class Opened:
    """One file of a package, and the only page that may show it in a frame."""

    body: ObjectBody
    path: str
    framer: str


def content_url(file_id: UUID, rev: UUID, path: str = "index.html") -> str:
    """Return where the bound organization's page may frame this package of its own. Not within a transaction.

    Raises:
        ValueError: the path is not canonical.
    """
    if not _is_canonical(path):
        raise ValueError(f"{path!r} is no path of a package")
    tenant = tenancy.current()
    named = [str(tenant.id), str(file_id), str(rev), tenant.here, tenant.generation]
    with tenancy.platform():
        token = signing.dumps(named, purpose=_PURPOSE)
    return public_url(package_host(tenant.id, file_id, rev), f"/{token}/{path}")


def package_host(organization_id: UUID, file_id: UUID, rev: UUID) -> str:
    """Return the host of a package: the same for the same package, and no other package's."""
    named = f"{organization_id}/{file_id}/{rev}".encode()
    key = hashlib.sha256(b"content host:" + settings.SECRET_KEY.encode()).digest()
    label = base64.b32encode(hmac.new(key, named, "sha256").digest()[:20]).decode("ascii").lower()
    return f"c{label}.{settings.CONTENT_SUFFIX}"


def open_content(host: str, token: str, path: str) -> Opened:
    """Return the file of a package that a request on the canonical ``host`` asks for. Called on the platform.

    Raises:
        ContentRefused: there is nothing to be had.
        core.errors.Unavailable: the store does not answer.
    """
    try:
        named = signing.loads(token, purpose=_PURPOSE, max_age_seconds=LASTS_SECONDS)
    except signing.BadToken as forged:
        raise ContentRefused from forged
    organization_id, file_id, rev = (UUID(found) for found in named[:3])
    framer, generation = named[3:]
    if not hmac.compare_digest(host, package_host(organization_id, file_id, rev)) or not _is_canonical(path):
        raise ContentRefused
    entry = catalog.resolve(framer)
    if entry is None or entry.tenant.id != organization_id or not entry.tenant.is_active:
        raise ContentRefused
    if entry.tenant.generation != generation:
        raise ContentRefused
    try:
        body = store().open(package_prefix(organization_id, file_id, rev) + path)
    except ObjectGone as gone:
        raise ContentRefused from gone
    return Opened(body, path, public_url(framer, ""))


def _is_canonical(path: str) -> bool:
    return len(path) <= _PATH_MAX and _PATH.fullmatch(path) is not None
