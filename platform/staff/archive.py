"""The console in an organization's archive: nothing. What staff wrote and did is the platform's."""

from __future__ import annotations

from staff.models import (
    OrganizationNote,
    OrganizationStat,
    OwnerAddress,
    PlatformAuditEntry,
    SupportConsent,
    SupportGrant,
)
from tenants.dto import Archived

ARCHIVED = Archived(
    tables=(),
    not_archived={
        OrganizationNote._meta.db_table: "what staff wrote down for each other",
        OrganizationStat._meta.db_table: "figures counted from what the archive holds",
        OwnerAddress._meta.db_table: "hashes made again from the owners themselves",
        PlatformAuditEntry._meta.db_table: "the platform's own record; the organization's is in its audit",
        SupportConsent._meta.db_table: "the owners' answer to support, given on this platform and for it",
        SupportGrant._meta.db_table: "in the organization's audit, with every act done under it",
    },
)
