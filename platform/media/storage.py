"""What the product asks of the object store. Written in ``core``: layers below this one keep archives there."""

from core.objects import (
    ObjectBody,
    ObjectExists,
    ObjectGone,
    ObjectStore,
    PartsRefused,
    PresignedRequest,
    StoredObject,
    StoredPart,
    UploadGone,
)

__all__ = [
    "ObjectBody",
    "ObjectExists",
    "ObjectGone",
    "ObjectStore",
    "PartsRefused",
    "PresignedRequest",
    "StoredObject",
    "StoredPart",
    "UploadGone",
]
