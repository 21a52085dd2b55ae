"""What an organization shows to anybody: images of its brand, named by their content, and a copy of its look."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

import tenancy
from billing import api as billing
from billing.errors import UnknownMeter
from core.ids import new_id
from media.models import StorageEntry
from media.prefixes import look_key, public_image_key
from media.services.objects import store
from media.storage import ObjectExists, ObjectGone

# The edge serves these below /media/p/ and nothing else; an SVG is a program, so it is none of them.
CONTENT_TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp", "ico": "image/x-icon"}
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class PublicImage:
    """A stored image: its address on every host of the organization, and its key in the store."""

    url: str
    key: str


def keep_image(content: bytes, extension: str) -> PublicImage:
    """Store an image of the bound organization; the same content again is the same object.

    Raises:
        KeyError: an extension that the edge does not serve.
        media.errors.StorageUnavailable: the object store does not answer.
    """
    key = public_image_key(tenancy.current().id, hashlib.sha256(content).hexdigest(), extension)
    with suppress(ObjectExists):
        store().put_bytes(key, content, content_type=CONTENT_TYPES[extension], cache_control=_FOREVER, if_absent=True)
        _count(key, len(content))
    return PublicImage(url=f"/media/{key}", key=key)


def drop_images(keys: Iterable[str]) -> None:
    """Remove images of the bound organization; keys of anybody else are left alone."""
    own = f"p/{tenancy.current().id}/"
    doomed = {key for key in keys if key.startswith(own)}
    sizes = {found.key: found.size_bytes for found in store().list(own) if found.key in doomed}
    store().delete(sizes)
    for key, size in sizes.items():
        _count(key, -size)


def keep_look(content: bytes) -> None:
    """Store the copy of the bound organization's look.

    Raises:
        media.errors.StorageUnavailable: the object store does not answer.
    """
    key = look_key(tenancy.current().id)
    try:
        before = store().head(key).size_bytes
    except ObjectGone:
        before = 0
    store().put_bytes(key, content, content_type="application/json")
    _count(key, len(content) - before)


def kept_look(organization_id: UUID) -> bytes | None:
    """Return the copy of an organization's look, or None where there is none. Needs no binding.

    Raises:
        media.errors.StorageUnavailable: the object store does not answer.
    """
    try:
        return store().read(look_key(organization_id))
    except ObjectGone:
        return None


@transaction.atomic
def _count(key: str, delta: int) -> None:
    """Enter what came or went, and let the meter follow. An organization just being made has no meter yet."""
    if not delta:
        return
    organization_id = tenancy.current().id
    StorageEntry.objects.bulk_create(
        [
            StorageEntry(
                id=new_id(),
                organization_id=organization_id,
                object_prefix=key,
                kind=StorageEntry.Kind.IMAGE,
                delta_bytes=delta,
                ref_id=organization_id,
            )
        ]
    )
    with suppress(UnknownMeter):
        billing.add(meter=billing.STORAGE_BYTES, delta=delta)
