"""Who may see, change and upload what the organization shows."""

from __future__ import annotations

VIEW = "library.view"
EDIT = "library.edit"
UPLOAD = "media.upload"

_ALL = frozenset({VIEW, EDIT, UPLOAD})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _ALL,
    "admin": _ALL,
    "author": _ALL,
    "instructor": frozenset({VIEW}),
    "learner": frozenset(),
}
