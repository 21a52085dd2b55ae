"""The console in an organization's archive: nothing. What staff wrote and did is the platform's."""

from __future__ import annotations

from uuid import UUID

from django.db.models import F, Func, UUIDField, Value

from staff.models import (
    Announcement,
    FlagRule,
    OrganizationNote,
    OrganizationStat,
    OwnerAddress,
    PlatformAuditEntry,
    SupportConsent,
    SupportGrant,
)
from tenants.dto import Archived


def forget(organization_id: UUID) -> None:
    """Take a deleted organization off the rules and announcements that name it; both stay for the others."""
    FlagRule.objects.filter(kind=FlagRule.Kind.ORGANIZATION, value=str(organization_id)).delete()
    # An empty list means everybody: what was for this organization alone goes with it.
    Announcement.objects.filter(organizations=[organization_id]).delete()
    gone = Value(organization_id, output_field=UUIDField())
    Announcement.objects.filter(organizations__contains=[organization_id]).update(
        organizations=Func(F("organizations"), gone, function="array_remove")
    )


ARCHIVED = Archived(
    tables=(),
    forget=forget,
    not_archived={
        OrganizationNote._meta.db_table: "what staff wrote down for each other",
        OrganizationStat._meta.db_table: "figures counted from what the archive holds",
        OwnerAddress._meta.db_table: "hashes made again from the owners themselves",
        PlatformAuditEntry._meta.db_table: "the platform's own record; the organization's is in its audit",
        SupportConsent._meta.db_table: "the owners' answer to support, given on this platform and for it",
        SupportGrant._meta.db_table: "in the organization's audit, with every act done under it",
    },
)
