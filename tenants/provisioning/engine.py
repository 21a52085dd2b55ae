"""The engine: runs an organization's steps in order, exactly one engine an organization, resuming where one died."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

from django.db import connection

import tenancy
from core.clock import now
from core.telemetry import tracebacks
from tenants.lifecycle.machine import transition
from tenants.lifecycle.rules import Event
from tenants.models import Organization, ProvisioningStep, SignUp
from tenants.provisioning.base import Step, steps
from tenants.schema.locks import organization_key

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 5
# How long a failed step rests, by how often it failed: an outage of minutes must not use up every attempt.
REST_SECONDS = (0, 5, 15, 60, 180)

State = Organization.State
StepState = ProvisioningStep.State


def provision(organization_id: UUID) -> str:
    """Bring the organization to ``active``; return its state afterwards.

    Runs as the schema-owning login. Another engine at work on the same organization makes this one return at once;
    an engine that died left its lock, so nobody waits for it. A step that fails five times undoes all steps in
    reverse order and leaves the organization ``failed``.
    """
    with tenancy.platform():
        with _only_one(organization_id) as mine:
            if mine:
                _provision(organization_id)
        return str(Organization.objects.values_list("state", flat=True).get(id=organization_id))


def _provision(organization_id: UUID) -> None:
    organization = Organization.objects.get(id=organization_id)
    if organization.state not in (State.REQUESTED, State.PROVISIONING):
        return
    transition(organization_id, Event.PROVISION)
    for position, step in enumerate(steps()):
        # A step that a release has added since the sign-up is made up for.
        row, _ = ProvisioningStep.objects.get_or_create(
            organization=organization, name=step.name, defaults={"position": position}
        )
        if row.state == StepState.DONE:
            continue
        if not _run(step, row, organization):
            if row.attempt >= MAX_ATTEMPTS:
                _give_up(organization)
            return
    transition(organization_id, Event.COMPLETE)
    SignUp.objects.filter(organization=organization).update(owner_name="", password_hash="")  # the account has them


def _run(step: Step, row: ProvisioningStep, organization: Organization) -> bool:
    """Run one step and record how it went; return whether it is done."""
    _beat(organization)
    ProvisioningStep.objects.filter(id=row.id).update(
        state=StepState.RUNNING, attempt=row.attempt + 1, started_at=now(), error=""
    )
    row.attempt += 1
    try:
        if not step.is_done(organization):
            step.run(organization)
    except Exception as failed:  # noqa: BLE001 - whatever a step raises is recorded and tried again
        _log.exception("provisioning.step_failed", extra={"step": step.name, "organization_id": str(organization.id)})
        ProvisioningStep.objects.filter(id=row.id).update(
            state=StepState.FAILED, finished_at=now(), error=tracebacks.text_of(failed)[-4000:]
        )
        return False
    ProvisioningStep.objects.filter(id=row.id).update(state=StepState.DONE, finished_at=now())
    return True


def _beat(organization: Organization) -> None:
    """Say that somebody is at work, so that the sweeper leaves this organization alone for a while."""
    Organization.objects.filter(id=organization.id).update(updated_at=now())


def _give_up(organization: Organization) -> None:
    """Undo every step in reverse order. Dying here is no loss: the organization is still ``provisioning``."""
    for step in reversed(steps()):
        step.undo(organization)
        ProvisioningStep.objects.filter(organization=organization, name=step.name).update(
            state=StepState.COMPENSATED, finished_at=now()
        )
    SignUp.objects.filter(organization=organization).update(owner_name="", owner_email="", password_hash="")
    transition(organization.id, Event.GIVE_UP)


@contextmanager
def _only_one(organization_id: UUID) -> Iterator[bool]:
    """Hold the organization's advisory lock for the session: a crash frees it."""
    key = organization_key(organization_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine and not connection.in_atomic_block:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def plan(organization: Organization) -> None:
    """Write the organization's steps, in the transaction that makes its row."""
    ProvisioningStep.objects.bulk_create(
        ProvisioningStep(organization=organization, name=step.name, position=position)
        for position, step in enumerate(steps())
    )


def stalled(*, older_than_seconds: float) -> list[UUID]:
    """Return organizations that are being made, that nobody has touched for a while, and whose failed step has rested.

    Each is returned once in ``older_than_seconds``: asking again and again would only fill the queue.
    """
    moment = now()
    waiting = Organization.objects.filter(
        state__in=(State.REQUESTED, State.PROVISIONING), updated_at__lt=moment - timedelta(seconds=older_than_seconds)
    )
    failed = ProvisioningStep.objects.filter(
        organization__in=waiting, state=StepState.FAILED, finished_at__isnull=False
    )
    resting = {
        row.organization_id for row in failed if row.finished_at and row.finished_at + _rest_after(row.attempt) > moment
    }
    found = [
        organization_id for organization_id in waiting.values_list("id", flat=True) if organization_id not in resting
    ]
    Organization.objects.filter(id__in=found).update(updated_at=moment)
    return found


def _rest_after(attempt: int) -> timedelta:
    return timedelta(seconds=REST_SECONDS[min(attempt, len(REST_SECONDS) - 1)])
