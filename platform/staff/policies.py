"""What the three roles of the staff may do. Nobody is a superuser: a person may hold several roles."""

from __future__ import annotations

SUPPORT, OPERATIONS, FINANCE = "support", "operations", "finance"
ROLES = (SUPPORT, OPERATIONS, FINANCE)

# What every role may: look at organizations, the fleet, jobs and the record of acts.
VIEW = "support.view"
# Personal data of an organization's people; notes; support access.
PEOPLE = "support.people"
ACT = "support.act"
# Transitions, exports, restores, jobs, flags, announcements.
OPERATE = "operations.act"
# What an organization's state may be moved by; which events, the lifecycle's own rules say.
TRANSITION = "organizations.transition"
# Plans and billing accounts.
FINANCIAL = "finance.act"
# What the platform earns, and from whom.
BOOKS = "finance.view"
# Who is on the staff, with which roles.
ACCOUNTS = "staff.accounts"
# Everything that staff did, and its export.
AUDIT = "staff.audit"

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    SUPPORT: frozenset({VIEW, PEOPLE, ACT}),
    OPERATIONS: frozenset({VIEW, PEOPLE, ACT, OPERATE, TRANSITION, ACCOUNTS, AUDIT, BOOKS}),
    FINANCE: frozenset({VIEW, FINANCIAL, BOOKS, TRANSITION, AUDIT}),
}


def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """Return what a holder of ``roles`` may do in the console."""
    return frozenset().union(*(ROLE_PERMISSIONS.get(role, frozenset()) for role in roles))
