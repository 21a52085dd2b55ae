"""What can be refused about progress."""

from __future__ import annotations

from core.errors import DomainError, NotFound


class ItemNotFound(NotFound):
    """The item is on no version that this enrollment has been on."""

    title = "There is no such lesson in your course"


class UnknownTimeline(DomainError):
    """The report names a cut of a video that this lesson does not show."""

    code = "unknown_timeline"
    title = "This lesson shows another video"
    status = 422


class SessionBelongsElsewhere(DomainError):
    """The play session's id was used for another lesson: each sitting at the player has its own."""

    code = "play_session_elsewhere"
    title = "This play session belongs to another lesson"
    status = 422


class RuleNotMet(DomainError):
    """The lesson is completed by watching; nobody can say so by hand. ``percent_permille`` says how far it is."""

    code = "rule_not_met"
    title = "This lesson is completed by watching its video"
    status = 409


class NothingToPlay(DomainError):
    """The lesson has no video, or it cannot be played now."""

    code = "nothing_to_play"
    title = "There is no video to play here"
    status = 409
