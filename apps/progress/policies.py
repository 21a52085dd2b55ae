"""What each role may do while learning. Everybody may learn; whose enrollment it is decides the rest."""

from __future__ import annotations

RECORD = "progress.record"
PLAY = "media.play"

_LEARNER = frozenset({RECORD, PLAY})

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": _LEARNER,
    "admin": _LEARNER,
    "author": _LEARNER,
    "instructor": _LEARNER,
    "learner": _LEARNER,
}
