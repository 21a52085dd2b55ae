"""Who may see and manage people, and what the five roles mean: the union of every app's policies."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings
from django.utils.module_loading import import_string

VIEW_PEOPLE = "people.view"
MANAGE_PEOPLE = "people.manage"
MANAGE_ROLES = "roles.manage"
MANAGE_SECURITY = "security.manage"

OWNER = "owner"
ADMIN = "admin"
ROLES = (OWNER, ADMIN, "author", "instructor", "learner")

_EVERYTHING = frozenset({VIEW_PEOPLE, MANAGE_PEOPLE, MANAGE_ROLES})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    # Only who answers for the organization says of whom it asks a second factor.
    "owner": _EVERYTHING | {MANAGE_SECURITY},
    # Beside that an admin does all that an owner does here but make owners: the services say so, for that is about a
    # value.
    "admin": _EVERYTHING,
    "author": frozenset(),
    "instructor": frozenset(),
    "learner": frozenset(),
}


@lru_cache(maxsize=64)  # there are 2^5 sets of roles
def permissions_of(roles: frozenset[str]) -> frozenset[str]:
    """Return what a holder of ``roles`` may do, over all apps that settings list."""
    policies: list[dict[str, frozenset[str]]] = [import_string(path) for path in settings.ROLE_POLICIES]
    return frozenset().union(*(policy.get(role, frozenset()) for policy in policies for role in roles))


def may_grant(roles: frozenset[str], role: str) -> bool:
    """Return whether a holder of ``roles`` may give or take ``role``."""
    if role == OWNER:
        return OWNER in roles
    return MANAGE_ROLES in permissions_of(roles)
