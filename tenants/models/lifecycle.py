"""What moved an organization from state to state, and whom that is told."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class LifecycleTransition(SharedModel):
    """One step of an organization's life: who, why, and what they were shown before. Never changed, never deleted."""

    tenant_door = "none"
    moves = EVERY_ROW
    immutable: ClassVar[bool] = True
    kept: ClassVar[str] = "the history of the organization: states, times and staff; no name of a member"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.RESTRICT, related_name="transitions")
    event = models.TextField()
    from_state = models.TextField()
    to_state = models.TextField()
    state_version = models.IntegerField(help_text="The organization's after this step.")
    generation = models.IntegerField(help_text="The organization's after this step.")
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(default="", help_text="Of staff only: members are named by their id.")
    reason = models.TextField(default="")
    ticket = models.TextField(default="")
    effects_shown = models.JSONField(default=list)
    at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_lifecycletransition"
        constraints = [
            # Two at once: the second finds the number taken, whatever it thought it saw.
            models.UniqueConstraint(fields=["organization", "state_version"], name="lifecycletransition_in_order"),
        ]
        indexes = [models.Index(fields=["organization", "-at"], name="lifecycletransition_history")]


class LifecycleNotice(SharedModel):
    """A mail to one owner about one transition, written with it and sent until the mail server has taken it.

    A row without ``member_id`` stands for owners who could not be read while the organization was closed; it becomes
    one row each as soon as they can. Address and words go once the mail is out.
    """

    tenant_door = "none"
    moves = EVERY_ROW

    class State(models.TextChoices):
        UNADDRESSED = "unaddressed"
        WAITING = "waiting"
        SENT = "sent"
        GIVEN_UP = "given_up"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transition = models.ForeignKey(LifecycleTransition, on_delete=models.RESTRICT, related_name="notices")
    organization_id = models.UUIDField()
    member_id = models.UUIDField(null=True)
    state = models.TextField(choices=State, default=State.WAITING)
    message = models.JSONField(default=dict, help_text="As core.tasks.deliver_mail takes it; empty once sent.")
    attempts = models.IntegerField(default=0)
    run_at = models.DateTimeField(default=now)
    error = models.TextField(default="")
    created_at = models.DateTimeField(default=now)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_lifecyclenotice"
        constraints = [
            models.UniqueConstraint(
                fields=["transition", "member_id"], name="lifecyclenotice_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(state="unaddressed", member_id__isnull=True)
                | (~Q(state="unaddressed") & Q(member_id__isnull=False)),
                name="lifecyclenotice_addressed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["run_at"], condition=Q(state__in=["unaddressed", "waiting"]), name="lifecyclenotice_due"
            )
        ]
