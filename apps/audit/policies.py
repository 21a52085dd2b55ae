"""Who may read the audit. Nobody may write it by hand, and nobody may change it."""

from __future__ import annotations

VIEW = "audit.view"
EXPORT = "audit.export"

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({VIEW, EXPORT}),
    "admin": frozenset({VIEW, EXPORT}),
    "author": frozenset(),
    "instructor": frozenset(),
    "learner": frozenset(),
}
