"""What our things are called at CloudFront. A name says whose it is: so what a crash left behind is found and adopted.

Every name begins with the cell's: several cells may share an account, and none touches what is another's.
"""

from __future__ import annotations

import os
import re
from uuid import UUID

from media.edge import policy

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9]+")
_BEHAVIOUR = re.compile(r"/media/t/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})/\*")


def prefix(cell: str) -> str:
    """Return how every name of a cell's resources begins."""
    return f"lms-{_NOT_PLAIN.sub('_', cell)}-"


def public_key(cell: str, kid: str) -> str:
    """Return the name of a public key."""
    return f"{prefix(cell)}{kid}"


def key_group(cell: str, owner: UUID) -> str:
    """Return the name of the key group of an organization, or of a shard."""
    return f"{prefix(cell)}{owner}"


def tenant(cell: str, organization_id: UUID) -> str:
    """Return the name of an organization's distribution tenant."""
    return f"{prefix(cell)}{organization_id}"


def owner_of(cell: str, name: str) -> str:
    """Return what follows a cell's prefix; empty for what is not the cell's."""
    return name[len(prefix(cell)) :] if name.startswith(prefix(cell)) else ""


def behaviour(organization_id: UUID) -> str:
    """Return the path pattern of an organization's cache behaviour."""
    return f"{policy.tenant_path(str(organization_id))}*"


def organization_of(pattern: str) -> UUID | None:
    """Return whose behaviour a path pattern is; None where it is no organization's."""
    match = _BEHAVIOUR.fullmatch(pattern)
    return UUID(match[1]) if match else None


def kept(organization_id: UUID, *, of_front: bool = False) -> tuple[str, ...]:
    """Return the paths of everything an edge may keep of an organization: films, files and public images.

    ``of_front`` is the front distribution, which serves images alone. Each path as it is asked for and as the function
    leaves it: CloudFront's guide recommends to name both ("What you need to know when invalidating files").
    """
    keys = [f"/{kind}/{organization_id}/*" for kind in (("p",) if of_front else ("t", "p"))]
    return (*(f"{policy.MEDIA_PREFIX.rstrip('/')}{key}" for key in keys), *keys)


def placeholder(organization_id: UUID, suffix: str) -> str:
    """Return the domain a distribution tenant is made with: it may have none of its own before the hosts go over."""
    return f"media-{organization_id.hex}.{suffix}"


def this_writer() -> str:
    """Return which process writes: its machine's name and its number there."""
    return f"{os.uname().nodename[:100]} ({os.getpid()})"
