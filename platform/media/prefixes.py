"""Where everything of an organization lies in the object store. Built from ids only, never from what someone sent."""

from __future__ import annotations

from uuid import UUID

MANIFEST = "master.m3u8"
POSTER = "poster.jpg"
# Names and sizes of everything else in the folder of an encode, written last.
INVENTORY = "inventory.json"


def source_key(organization_id: UUID, upload_id: UUID) -> str:
    """The uploaded file itself. Never served."""
    return f"t/{organization_id}/in/{upload_id}"


def revision_prefix(organization_id: UUID, asset_id: UUID, rev: UUID) -> str:
    """The folder of one encode, with its slash."""
    return f"t/{organization_id}/v/{asset_id}/{rev}/"


def package_prefix(organization_id: UUID, file_id: UUID, rev: UUID) -> str:
    """The folder of one revision of a private file, with its slash."""
    return f"t/{organization_id}/f/{file_id}/{rev}/"


def public_image_key(organization_id: UUID, sha256: str, extension: str) -> str:
    """An image served to anybody under ``/media/``. Its name is its content's: it never changes."""
    return f"p/{organization_id}/{sha256}.{extension}"


def look_key(organization_id: UUID) -> str:
    """The copy of the organization's look for pages that can't ask its schema. No image, so never served as one."""
    return f"p/{organization_id}/look.json"
