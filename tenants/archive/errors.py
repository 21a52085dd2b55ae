"""What can go wrong with an archive, a restore or a deletion, in words for the person who asked for it."""

from __future__ import annotations

from core.errors import DomainError, NotFound


class UnknownJob(NotFound):
    """The organization has no such export, restore or deletion."""

    code = "archive_job_not_found"
    title = "There is no such job"


class LeaseLost(Exception):
    """Somebody else works on this job by now. Whoever reads this writes nothing any more."""


class CannotExport(DomainError):
    """The organization has no schema: it is still being made, or gone."""

    code = "cannot_export"
    title = "There is nothing to export yet"
    status = 409


class NotReady(DomainError):
    """The archive is not whole, or no longer kept."""

    code = "archive_not_ready"
    title = "This export can't be downloaded now"
    status = 409


class LinkRefused(NotFound):
    """The link has expired, was replaced by a newer one, or belongs to another organization: one answer for all."""

    code = "download_link_refused"
    title = "This download link has ended. Make a new one on the page Your data."


class ArchiveRefused(DomainError):
    """The archive is not what it must be to be put back. ``detail`` says what is wrong with which file."""

    code = "archive_refused"
    title = "This archive can't be restored"
    status = 422


class WrongStage(DomainError):
    """The restore is not at a point where this can be done; ``state`` says where it is."""

    code = "restore_wrong_stage"
    title = "This restore can't do that now"
    status = 409


class AlreadyRunning(DomainError):
    """One restore at a time: the organization has one under way."""

    code = "restore_under_way"
    title = "Another restore of this organization is under way"
    status = 409


class NothingToRetry(DomainError):
    """The job has not failed."""

    code = "nothing_to_retry"
    title = "This job has not failed"
    status = 409
