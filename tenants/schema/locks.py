"""Advisory locks of the database: whoever changes what an organization is made of holds its lock."""

from __future__ import annotations

from uuid import UUID


def organization_key(organization_id: UUID) -> int:
    """Return the key of an organization's lock: held while it is made, moved, or brought to another release."""
    return int.from_bytes(organization_id.bytes[-8:], "big", signed=True)


# One runner of a fleet's migration a database. No organization's key: their last eight bytes begin with 10 in binary.
FLEET_KEY = 0x6C6D73_666C656574
