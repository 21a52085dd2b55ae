"""What can be refused about enrollments."""

from __future__ import annotations

from core.errors import DomainError, NotFound


class EnrollmentNotFound(NotFound):
    """No such enrollment, or another member's: the two answer alike."""

    title = "There is no such enrollment"


class MemberNotFound(NotFound):
    """Nobody here has this id or address."""

    code = "member_not_found"
    title = "Nobody in this organization matches"
    status = 422


class MemberNotActive(DomainError):
    """A suspended or erased member takes no courses."""

    code = "member_not_active"
    title = "This member cannot take courses now"
    status = 409


class EnrollmentClosed(DomainError):
    """The enrollment was withdrawn or has run out."""

    code = "enrollment_closed"
    title = "You are not on this course any more"
    status = 409


class WrongState(DomainError):
    """The enrollment is in a state from which this cannot happen. ``state`` and ``wanted`` name both."""

    code = "wrong_state"
    title = "That is not possible now"
    status = 409
