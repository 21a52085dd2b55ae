"""Enrol, with the progress of the new enrollment stored in the same transaction: the next page shows it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts import api as accounts
from apps.enrollments import api as enrollments
from apps.enrollments.dto import EnrollmentRecord
from apps.enrollments.errors import MemberNotActive, MemberNotFound
from apps.progress.services.recalculation import recalculate
from core.actor import Actor
from core.clock import now


@transaction.atomic
def enroll_self(*, actor: Actor, course_id: UUID) -> tuple[EnrollmentRecord, bool]:
    """Put the actor on a course of their catalogue; return the enrollment and whether it was opened now.

    Raises:
        CourseNotFound, CourseNotPublished, CourseArchived
    """
    found, opened = enrollments.enroll_self(actor=actor, course_id=course_id)
    if opened:
        recalculate(found.id, at=now())
    return found, opened


@transaction.atomic
def enroll_by_staff(
    *, actor: Actor, course_id: UUID, member_id: UUID | None = None, email: str | None = None
) -> tuple[EnrollmentRecord, bool]:
    """Put a member, named by id or by address, on a course; return the enrollment and whether it was opened now.

    Raises:
        MemberNotFound, MemberNotActive
        CourseNotFound, CourseNotPublished, CourseArchived
    """
    member = accounts.member_with_id(member_id) if member_id else accounts.member_with_email(email or "")
    if member is None:
        raise MemberNotFound
    if not member.is_active:
        raise MemberNotActive
    found, opened = enrollments.enroll_member(
        member_id=member.id, course_id=course_id, source="assigned", by=actor.member_id
    )
    if opened:
        recalculate(found.id, at=now())
    return found, opened
