"""What each role may do with courses."""

from __future__ import annotations

VIEW = "courses.view"
EDIT = "courses.edit"
PUBLISH = "courses.publish"

_AUTHOR = frozenset({VIEW, EDIT, PUBLISH})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _AUTHOR,
    "admin": _AUTHOR,
    "author": _AUTHOR,
    "instructor": frozenset({VIEW}),
    "learner": frozenset(),
}
