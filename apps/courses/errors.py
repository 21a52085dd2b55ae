"""What can be refused about courses, in the words of the product."""

from __future__ import annotations

from core.errors import DomainError, NotFound, RevisionConflict, ValidationFailed


class CourseNotFound(NotFound):
    """No such course, or not for this person."""

    title = "There is no such course"


class NodeNotFound(NotFound):
    """No such module or lesson in this draft."""

    title = "There is no such item in this course"


class VersionNotFound(NotFound):
    """No such version of this course."""

    title = "There is no such version of this course"


class CourseNotPublished(DomainError):
    """Learners can only take what was published."""

    code = "course_not_published"
    title = "This course is not published"
    status = 409


class CourseArchived(DomainError):
    """An archived course is kept for those who took it; it is not edited."""

    code = "course_archived"
    title = "This course is archived"
    status = 409


class NothingToPublish(DomainError):
    """The draft says what the current version says already."""

    code = "nothing_to_publish"
    title = "Nothing has changed since the last version"
    status = 409


class CannotPublish(ValidationFailed):
    """The draft is not ready for learners. ``errors`` names each item and why."""

    code = "cannot_publish"
    title = "The course is not ready to be published"


class BodyRefused(ValidationFailed):
    """A body that no item of this kind can have."""

    code = "body_refused"
    title = "This content cannot be saved"


class WrongPlace(DomainError):
    """Modules stand in the course, lessons stand in modules."""

    code = "wrong_place"
    title = "It cannot stand there"
    status = 422


class NodeChanged(RevisionConflict):
    """Somebody saved this item since it was read. ``current`` and ``yours`` carry both versions."""

    title = "Someone else saved this since you opened it"


class CourseChanged(RevisionConflict):
    """Somebody saved this course since it was read."""

    title = "Someone else saved this course since you opened it"
