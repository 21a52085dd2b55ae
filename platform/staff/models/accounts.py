"""Who works for the platform, what proves it, and where they are signed in.

A staff account is no Django user and no member of an organization: neither can ever become the other.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class StaffAccount(SharedModel):
    """A person of the platform's staff. Suspended, never deleted: the audit names them."""

    tenant_door = "none"

    class State(models.TextChoices):
        INVITED = "invited"
        ACTIVE = "active"
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.TextField(help_text="Lower case.")
    name = models.TextField()
    roles = ArrayField(models.TextField())
    state = models.TextField(choices=State, default=State.INVITED)
    password_hash = models.TextField(default="", blank=True)
    # AES-256-GCM under the key-encryption key, bound to this account. ``totp_pending`` waits for its first code.
    totp_sealed = models.BinaryField(null=True)
    totp_pending = models.BinaryField(null=True)
    # The 30-second step of the last code that was taken: no code opens twice.
    totp_last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    last_sign_in_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_staffaccount"
        constraints = [
            models.UniqueConstraint(fields=["email"], name="staff_account_email_once"),
            models.CheckConstraint(
                condition=Q(roles__contained_by=["support", "operations", "finance"]) & Q(roles__len__gt=0),
                name="staff_account_roles_known",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class Passkey(SharedModel):
    """A WebAuthn credential of a staff account. ``sign_count`` never falls: a copy of an authenticator shows by it."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(StaffAccount, on_delete=models.CASCADE, related_name="passkeys")
    name = models.TextField()
    credential_id = models.BinaryField(unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=now)
    last_used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_passkey"


class RecoveryCode(SharedModel):
    """One of the codes that stand in for a lost factor. Only its hash is kept; it opens once."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(StaffAccount, on_delete=models.CASCADE, related_name="recovery_codes")
    code_sha256 = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_recoverycode"
        constraints = [models.UniqueConstraint(fields=["account", "code_sha256"], name="staff_recoverycode_once")]


class SetUpLink(SharedModel):
    """A link by which an account gets its password, once, within its life. Only the token's hash is kept."""

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(StaffAccount, on_delete=models.CASCADE, related_name="set_up_links")
    token_sha256 = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_setuplink"


class StaffSession(SharedModel):
    """A browser of a staff account. Between the factors it opens the factor endpoints and nothing else."""

    tenant_door = "none"

    class State(models.TextChoices):
        SECOND_FACTOR = "second_factor"
        ENROLMENT = "enrolment"
        SIGNED_IN = "signed_in"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(StaffAccount, on_delete=models.CASCADE, related_name="sessions")
    token_sha256 = models.CharField(max_length=64, unique=True)
    state = models.TextField(choices=State)
    # A WebAuthn challenge is answered by the browser it was made for, once, within minutes.
    challenge = models.BinaryField(null=True)
    challenge_for = models.TextField(default="", blank=True)
    challenge_ends_at = models.DateTimeField(null=True)
    # When a second factor was last proved: what is dangerous asks for a recent one.
    proved_at = models.DateTimeField(null=True)
    ip = models.TextField(default="", blank=True)
    user_agent = models.TextField(default="", blank=True)
    created_at = models.DateTimeField(default=now)
    seen_at = models.DateTimeField(default=now)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "staff_staffsession"
        indexes = [models.Index(fields=["account"], condition=Q(ended_at=None), name="staff_session_open")]
