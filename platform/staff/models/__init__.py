"""Tables of the staff console. Every one of them is closed to organizations."""

from staff.models.accounts import Passkey, RecoveryCode, SetUpLink, StaffAccount, StaffSession
from staff.models.audit import PlatformAuditEntry

__all__ = [
    "Passkey",
    "PlatformAuditEntry",
    "RecoveryCode",
    "SetUpLink",
    "StaffAccount",
    "StaffSession",
]
