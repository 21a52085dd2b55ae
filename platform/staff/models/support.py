"""Support access: who of the staff may look into which organization, why, and until when."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.db.models import F, Q

from core.clock import now
from core.ids import new_id
from staff.models.accounts import StaffAccount
from tenancy.models import EVERY_ROW, SharedModel

MAX_MINUTES = 60


class SupportConsent(SharedModel):
    """Whether support may open the organization: at once and told, only after an owner agreed, or not at all.

    Kept outside the organization's schema: the staff host asks before it may enter.
    """

    tenant_door = "none"
    moves = EVERY_ROW

    class Mode(models.TextChoices):
        OPEN = "open"
        ASK = "ask"
        OFF = "off"

    organization_id = models.UUIDField(primary_key=True)
    mode = models.TextField(choices=Mode)
    updated_by = models.UUIDField(help_text="The owner who chose.")
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_supportconsent"
        constraints = [models.CheckConstraint(name="staff_support_mode", condition=Q(mode__in=["open", "ask", "off"]))]


class SupportGrant(SharedModel):
    """One access of one staff person to one organization. Ended, never deleted.

    The code leads the staff person's browser to the organization's host once; the token is that browser's session.
    Only their hashes are here. Clearing either, or ``ended_at``, ends what they open with the next request.
    """

    tenant_door = "none"
    stays = "leave given to staff of this cell; theirs are other people elsewhere"

    class State(models.TextChoices):
        AWAITING = "awaiting_consent"
        ACTIVE = "active"
        ENDED = "ended"

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"

    class End(models.TextChoices):
        STAFF = "staff"
        OWNER = "owner"
        REFUSED = "refused"
        EXPIRED = "expired"
        KILLED = "killed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(StaffAccount, on_delete=models.PROTECT, related_name="support_grants")
    organization_id = models.UUIDField()
    member_id = models.UUIDField(null=True, help_text="Whose view; NULL: the organization's, without anybody's.")
    reason = models.TextField()
    ticket = models.TextField()
    scope = models.TextField(choices=Scope, default=Scope.READ)
    minutes = models.IntegerField()
    state = models.TextField(choices=State)
    requested_at = models.DateTimeField(default=now)
    decided_by = models.UUIDField(null=True, help_text="The owner who agreed or refused.")
    starts_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(help_text="While it waits: until when an owner may agree.")
    ended_at = models.DateTimeField(null=True)
    end_reason = models.TextField(choices=End, default="", blank=True)
    code_sha256 = models.CharField(max_length=64, default="", blank=True)
    nonce_sha256 = models.CharField(max_length=64, default="", blank=True)
    code_expires_at = models.DateTimeField(null=True)
    token_sha256 = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        db_table = "staff_supportgrant"
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(ended_at=None), name="staff_support_one_open"),
            models.CheckConstraint(
                name="staff_support_an_hour_at_most",
                condition=Q(starts_at=None) | Q(expires_at__lte=F("starts_at") + timedelta(minutes=MAX_MINUTES)),
            ),
            models.CheckConstraint(name="staff_support_minutes", condition=Q(minutes__gte=1, minutes__lte=MAX_MINUTES)),
            models.CheckConstraint(
                name="staff_support_active_has_begun", condition=~Q(state="active") | Q(starts_at__isnull=False)
            ),
            models.CheckConstraint(
                name="staff_support_ended_is_ended",
                condition=Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at=None)),
            ),
            # Whoever writes does so on behalf of somebody: rows name a member.
            models.CheckConstraint(
                name="staff_support_writes_for_somebody",
                condition=Q(scope="read") | Q(scope="write", member_id__isnull=False),
            ),
            models.CheckConstraint(name="staff_support_reasoned", condition=~Q(reason="") & ~Q(ticket="")),
        ]
        indexes = [
            models.Index(fields=["organization_id", "-requested_at"], name="staff_support_organization"),
            models.Index(fields=["token_sha256"], condition=~Q(token_sha256=""), name="staff_support_token"),
            models.Index(fields=["expires_at"], condition=Q(ended_at=None), name="staff_support_open"),
        ]
