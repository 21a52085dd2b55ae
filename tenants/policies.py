"""Who may see and change what an organization is: its state, its hosts, its export and its end."""

from __future__ import annotations

VIEW_ORGANIZATION = "organization.view"
EDIT_ORGANIZATION = "organization.edit"
DELETE_ORGANIZATION = "organization.delete"
EXPORT_ORGANIZATION = "organization.export"
MANAGE_DOMAINS = "domains.manage"
VIEW_USAGE = "usage.view"

_SEEN = frozenset({VIEW_ORGANIZATION, EDIT_ORGANIZATION, VIEW_USAGE, MANAGE_DOMAINS})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    # Taking everything along and ending it all is the owner's alone.
    "owner": _SEEN | {DELETE_ORGANIZATION, EXPORT_ORGANIZATION},
    "admin": _SEEN,
    "author": frozenset(),
    "instructor": frozenset(),
    "learner": frozenset(),
}
