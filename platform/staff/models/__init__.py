"""Tables of the staff console. Every one of them is closed to organizations."""

from staff.models.accounts import Passkey, RecoveryCode, SetUpLink, StaffAccount, StaffSession
from staff.models.announcements import Announcement
from staff.models.audit import PlatformAuditEntry
from staff.models.console import OrganizationNote, OrganizationStat, OwnerAddress, SavedView
from staff.models.flags import FeatureFlag, FlagRule
from staff.models.status import Incident, IncidentUpdate, StatusDay, StatusPart
from staff.models.support import SupportConsent, SupportGrant
from staff.models.violations import PolicyViolation

__all__ = [
    "Announcement",
    "FeatureFlag",
    "FlagRule",
    "Incident",
    "IncidentUpdate",
    "OrganizationNote",
    "OrganizationStat",
    "OwnerAddress",
    "Passkey",
    "PlatformAuditEntry",
    "PolicyViolation",
    "RecoveryCode",
    "SavedView",
    "SetUpLink",
    "StaffAccount",
    "StaffSession",
    "StatusDay",
    "StatusPart",
    "SupportConsent",
    "SupportGrant",
]
