"""Where archives lie in the object store, and under which names an organization's objects lie in an archive."""

from __future__ import annotations

from uuid import UUID


def private(organization_id: UUID) -> str:
    """Everything that is not served without a grant."""
    return f"t/{organization_id}/"


def public(organization_id: UUID) -> str:
    """Pictures that anybody may see."""
    return f"p/{organization_id}/"


def archives(organization_id: UUID) -> str:
    """The organization's archives. No grant leads here: only a link that is made for one download."""
    return f"t/{organization_id}/x/"


def final(organization_id: UUID) -> str:
    """The last archive of an organization that is deleted, outside of what its deletion removes."""
    return f"final/{organization_id}/"


def archive(organization_id: UUID, export_id: UUID, *, final: bool = False) -> str:
    """One archive."""
    folder = f"final/{organization_id}/" if final else archives(organization_id)
    return f"{folder}{export_id}.zip"


def tail(organization_id: UUID, export_id: UUID) -> str:
    """What of an archive under way is too little for a part."""
    return f"{archives(organization_id)}{export_id}.tail"


def file_of(organization_id: UUID, key: str) -> str:
    """Return the name in an archive of the object ``key``.

    Raises:
        ValueError: it is not the organization's.
    """
    for prefix, folder in ((private(organization_id), "media/private/"), (public(organization_id), "media/public/")):
        if key.startswith(prefix) and len(key) > len(prefix):
            return folder + key.removeprefix(prefix)
    raise ValueError(f"{key} is not the organization's")


def key_of(organization_id: UUID, file: str) -> str:
    """Undo :func:`file_of`: the place is made of the organization's own id, whatever the archive says."""
    folder, _, rest = file.removeprefix("media/").partition("/")
    return (private(organization_id) if folder == "private" else public(organization_id)) + rest
