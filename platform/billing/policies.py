"""Who may see and change what an organization buys: its owners, nobody else."""

from __future__ import annotations

VIEW_BILLING = "billing.view"
MANAGE_BILLING = "billing.manage"

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({VIEW_BILLING, MANAGE_BILLING}),
    "admin": frozenset(),
    "author": frozenset(),
    "instructor": frozenset(),
    "learner": frozenset(),
}
