"""What people ask of moves: begin one, give it up, let go of what it left. Platform only."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F

from core import acting
from core.clock import now
from tenancy.tasks import named
from tenants.cells import check, history
from tenants.cells.catalogue import cell
from tenants.cells.errors import MoveRefused, MoveUnderWay, NotMoved, TooLate, UnknownMove
from tenants.errors import UnknownOrganization
from tenants.models import Move, Organization

State = Move.State
UNDER_WAY = (State.QUEUED, State.RUNNING, State.ABORTING)


def ask(organization_id: UUID, target: str, *, reason: str, hand_over: bool = True) -> Move:
    """Have an organization moved to the cell ``target``. ``hand_over`` False: the caller does the work itself.

    Raises:
        UnknownOrganization, UnknownCell: there is none. MoveRefused: it can't be moved there as things are.
        MoveUnderWay: it is being moved.
    """
    if not Organization.objects.filter(id=organization_id).exists():
        raise UnknownOrganization
    cell(target)
    who = acting.current()
    try:
        with transaction.atomic():
            organization = Organization.objects.select_for_update().get(id=organization_id)
            if Move.objects.filter(organization=organization, state__in=UNDER_WAY).exists():
                raise MoveUnderWay
            if organization.cell == target:
                raise MoveRefused(f"It lives in the cell {target} already.")
            job = Move(
                organization=organization,
                source=settings.CELL,
                target=target,
                reason=reason,
                requested_by_kind=who.kind,
                requested_by_id=who.id,
                requested_by_name=who.name if who.kind == "staff" else "",
            )
            check.here(job)
            job.save(force_insert=True)
            history.note(job, "organization.move.asked")
            history.platform(job, "asked", reason=reason)
            if hand_over:
                _hand_over(job)
    except IntegrityError:
        raise MoveUnderWay from None
    return job


def latest(organization_id: UUID) -> Move:
    """Return the organization's last move.

    Raises:
        UnknownOrganization: there is none. UnknownMove: it was never moved from here.
    """
    if not Organization.objects.filter(id=organization_id).exists():
        raise UnknownOrganization
    found = Move.objects.filter(organization_id=organization_id).order_by("-created_at").first()
    if found is None:
        raise UnknownMove
    return found


def abort(organization_id: UUID, *, reason: str, hand_over: bool = True) -> Move:
    """Give the move under way up: the organization is thawed, the copy thrown away.

    Raises:
        UnknownOrganization, UnknownMove: there is none. TooLate: the other cell serves it, or the move has ended.
    """
    latest(organization_id)
    with transaction.atomic():
        job = Move.objects.select_for_update().filter(organization_id=organization_id).order_by("-created_at")[0]
        if job.state == State.ABORTING:
            return job
        if job.flipped_at is not None or job.state not in UNDER_WAY:
            raise TooLate
        # Whoever works on it loses the job here, and with it the right to write anything more.
        Move.objects.filter(id=job.id).update(
            state=State.ABORTING, fence=F("fence") + 1, lease_until=None, run_at=now(), attempts=0, updated_at=now()
        )
        job.refresh_from_db()
        history.platform(job, "aborted", reason=reason)
        if hand_over:
            _hand_over(job)
    return job


def drop_now(organization_id: UUID, *, reason: str = "", hand_over: bool = True) -> Move:
    """Let go of what a moved organization left here, before its days of grace are over.

    Raises:
        UnknownOrganization, UnknownMove: there is none. NotMoved: it has not moved away, or nothing is left.
    """
    latest(organization_id)
    with transaction.atomic():
        job = Move.objects.select_for_update().filter(organization_id=organization_id).order_by("-created_at")[0]
        if job.state not in (State.MOVED, State.DROPPING):
            raise NotMoved
        _begin_drop(job)
        history.platform(job, "drop_asked", reason=reason)
        if hand_over:
            _hand_over(job)
    return job


def drop_due() -> int:
    """Begin to let go of what was left behind long enough ago; return how many."""
    due = Move.objects.filter(state=State.MOVED, drop_after__lte=now())
    with transaction.atomic():
        found = list(due.select_for_update(skip_locked=True)[:5])
        for job in found:
            _begin_drop(job)
            _hand_over(job)
    return len(found)


def retry(job_id: UUID) -> Move:
    """Let a failed move begin again, inside the caller's transaction.

    Raises:
        UnknownMove: there is none. MoveUnderWay: another one is. TooLate: it has not failed.
    """
    job = Move.objects.select_for_update().filter(id=job_id).first()
    if job is None:
        raise UnknownMove
    if job.state != State.FAILED:
        raise TooLate("It has not failed.")
    if Move.objects.filter(organization_id=job.organization_id, state__in=UNDER_WAY).exists():
        raise MoveUnderWay
    job.state, job.attempts, job.run_at, job.finished_at, job.updated_at = State.QUEUED, 0, now(), None, now()
    job.save(update_fields=["state", "attempts", "run_at", "finished_at", "updated_at"])
    _hand_over(job)
    return job


def _begin_drop(job: Move) -> None:
    Move.objects.filter(id=job.id).update(
        state=State.DROPPING, run_at=now(), lease_until=None, attempts=0, finished_at=None, updated_at=now()
    )
    job.refresh_from_db()


def _hand_over(job: Move) -> None:
    named("tenants.archive.tasks.work").delay_on_commit("move", str(job.id))
