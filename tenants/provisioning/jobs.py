"""Sign-ups under way as the staff console sees them: one line an organization that is being made."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Max, Q

from core.clock import now
from core.errors import DomainError, NotFound
from core.jobs import JobLine, JobState
from tenancy.tasks import named
from tenants.models import Organization, ProvisioningStep
from tenants.provisioning.base import steps

State = Organization.State
StepState = ProvisioningStep.State

# Done ones are organizations; the list is of what is, or was, in the making.
_STATES: dict[JobState, Q] = {
    "waiting": Q(state=State.REQUESTED),
    "running": Q(state=State.PROVISIONING) & ~Q(steps__state=StepState.FAILED),
    "failed": Q(state=State.FAILED) | Q(state=State.PROVISIONING, steps__state=StepState.FAILED),
    "done": Q(pk__in=[]),
    "cancelled": Q(pk__in=[]),
}


class NothingToRetry(DomainError):
    """It is at work, done, or was given up and begins again as a new sign-up."""

    code = "nothing_to_retry"
    title = "There is nothing here that could begin again"
    status = 409


class Provisioning:
    """Implements :class:`core.jobs.JobSource`."""

    kind = "provisioning"
    label = "New organizations"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """Return the newest sign-ups under way or given up."""
        wanted = _STATES[state] if state else _STATES["waiting"] | Q(state=State.PROVISIONING) | Q(state=State.FAILED)
        found = Organization.objects.filter(wanted).distinct()
        if organization_id is not None:
            found = found.filter(id=organization_id)
        return [_line(organization) for organization in found.order_by("-updated_at")[:limit]]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Let a step that failed and rests be tried at once.

        Raises:
            NotFound: there is no such organization.
            NothingToRetry: none of its steps failed, or it was given up.
        """
        organization = self._locked(job_id)
        failed = organization.steps.filter(state=StepState.FAILED)
        if organization.state != State.PROVISIONING or not failed.exists():
            raise NothingToRetry
        failed.update(finished_at=None, attempt=0)
        Organization.objects.filter(id=job_id).update(updated_at=now())
        named("tenants.tasks.provision").delay_on_commit(str(job_id))
        return _line(organization)

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Refuse: what was begun is finished, or given up by itself after its last try.

        Raises:
            NotFound: there is no such organization.
            NothingToRetry: always.
        """
        self._locked(job_id)
        raise NothingToRetry("A sign-up can't be called off from here. It gives up by itself after its last try.")

    @staticmethod
    def _locked(job_id: UUID) -> Organization:
        organization = Organization.objects.select_for_update().filter(id=job_id).first()
        if organization is None:
            raise NotFound
        return organization


def _line(organization: Organization) -> JobLine:
    rows = list(organization.steps.order_by("position"))
    failed = next((row for row in rows if row.state == StepState.FAILED), None)
    done = sum(row.state == StepState.DONE for row in rows)
    labels = {step.name: step.label for step in steps()}
    begun = max((row.attempt for row in rows), default=0)
    current = next((row for row in rows if row.state != StepState.DONE), None)
    given_up = organization.state == State.FAILED
    state: JobState = "waiting" if organization.state == State.REQUESTED else "running"
    if given_up or failed:
        state = "failed"
    touched = organization.steps.aggregate(at=Max("finished_at"))["at"] or organization.updated_at
    return JobLine(
        kind=Provisioning.kind,
        id=organization.id,
        organization_id=organization.id,
        state=state,
        progress_permille=1000 * done // len(rows) if rows else 0,
        error=(failed.error.strip().splitlines() or [""])[-1][:500] if failed else "",
        created_at=organization.created_at,
        updated_at=max(touched, organization.state_since),
        can_retry=bool(failed) and not given_up,
        attempts=begun,
        subject=labels.get(current.name, current.name) if current else organization.name,
    )
