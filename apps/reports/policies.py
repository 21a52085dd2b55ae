"""Who may see how an organization begins. What it uses is ``usage.view``, with the other rights over organizations."""

from __future__ import annotations

VIEW_FIRST_RUN = "reports.view_first_run"
MANAGE_FIRST_RUN = "reports.manage_first_run"
VIEW_USAGE = "usage.view"

_BOTH = frozenset({VIEW_FIRST_RUN, MANAGE_FIRST_RUN})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _BOTH,
    "admin": _BOTH,
    "author": frozenset({VIEW_FIRST_RUN}),
    "instructor": frozenset({VIEW_FIRST_RUN}),
    "learner": frozenset(),
}
