"""Who may see and change the brand."""

from __future__ import annotations

VIEW = "brand.view"
MANAGE = "brand.manage"

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({VIEW, MANAGE}),
    "admin": frozenset({VIEW, MANAGE}),
    # Authors preview lessons in the organization's colours.
    "author": frozenset({VIEW}),
    "instructor": frozenset(),
    "learner": frozenset(),
}
