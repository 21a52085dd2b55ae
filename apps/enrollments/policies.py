"""What each role may do with the catalogue and with enrollments. Everybody may learn: staff are learners too."""

from __future__ import annotations

CATALOG = "catalog.view"
ENROLL_SELF = "enrollments.enroll_self"
VIEW = "enrollments.view"
MANAGE = "enrollments.manage"

_LEARNER = frozenset({CATALOG, ENROLL_SELF})
_TEACHING = _LEARNER | {VIEW, MANAGE}

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _TEACHING,
    "admin": _TEACHING,
    "author": _LEARNER | {VIEW},
    "instructor": _TEACHING,
    "learner": _LEARNER,
}
