"""What releases of the organization schema have the console do for each organization."""

from __future__ import annotations

from typing import Any

from staff.console.addresses import follow_owners
from tenants.dto import Batch


class OwnerAddresses:
    """Every owner's hash, made again: who became an owner before the index was there is found by staff too.

    Implements ``tenants.fleet.data_steps.DataStep``. An organization has a handful of owners: one batch.
    """

    name = "staff.owner_addresses"
    release = 2

    def batch(self, cursor: dict[str, Any]) -> Batch:
        """Write the hashes of the bound organization's owners."""
        return Batch(rows=follow_owners(), cursor=None)
