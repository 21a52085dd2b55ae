"""What can go wrong with a move, in words for the person who asked for it."""

from __future__ import annotations

from core.errors import DomainError, NotFound, Unavailable


class UnknownCell(NotFound):
    """The catalogue has no cell of this name."""

    code = "cell_not_found"
    title = "There is no such cell"


class UnknownMove(NotFound):
    """The organization has never been moved."""

    code = "move_not_found"
    title = "This organization has not been moved"


class MoveRefused(DomainError):
    """The organization can't be moved there as things are; ``detail`` says what stands in the way. Nothing happened."""

    code = "move_refused"
    title = "This organization can't be moved there"
    status = 409


class MoveUnderWay(DomainError):
    """One move at a time: the organization has one under way."""

    code = "move_under_way"
    title = "Another move of this organization is under way"
    status = 409


class TooLate(DomainError):
    """The organization is served by the other cell by now: to undo it, move it back."""

    code = "move_too_late"
    title = "This move is done. To undo it, move the organization back."
    status = 409


class NotMoved(DomainError):
    """What an organization left behind is removed once it lives elsewhere, and not before."""

    code = "not_moved"
    title = "There is nothing to remove: this organization has not moved away"
    status = 409


class CellUnreachable(Unavailable):
    """The other cell's database does not answer."""

    code = "cell_unreachable"
    title = "The other cell's database does not answer"


class WritersHold(Unavailable):
    """A transaction of the organization did not end in time."""

    code = "writers_hold"
    title = "A transaction of this organization did not end in time"


class CopyDiffers(Unavailable):
    """The target has other rows than the source. The copy is made again."""

    code = "copy_differs"
    title = "The copy is not the same as the original"


class LostTooOften(DomainError):
    """The worker died over and over."""

    code = "lost_too_often"
    title = "The work was begun again and again and never came to an end"
