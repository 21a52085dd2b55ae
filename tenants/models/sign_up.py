"""A verified sign-up, and the code that hands its owner over to the organization's host."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class SignUp(SharedModel):
    """Made when the e-mail code was right; before that, a sign-up is only a held slug in Redis.

    Name and password hash are erased as soon as the organization is active (its owner account holds them) or has
    failed; the address when it is handed over, else after a day.
    """

    tenant_door = "none"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_sha256 = models.CharField(max_length=64)
    organization = models.OneToOneField("tenants.Organization", on_delete=models.RESTRICT, related_name="sign_up")
    owner_name = models.TextField()
    owner_email = models.TextField()
    password_hash = models.TextField()
    verified_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_signup"
        constraints = [models.UniqueConstraint(fields=["token_sha256"], name="signup_token_once")]


class HandOver(SharedModel):
    """A single-use code: for one organization, one browser, 60 seconds. Only hashes are kept."""

    tenant_door = "none"
    moves = EVERY_ROW

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code_sha256 = models.CharField(max_length=64)
    nonce_sha256 = models.CharField(max_length=64)
    organization = models.ForeignKey("tenants.Organization", on_delete=models.CASCADE, related_name="+")
    owner_email = models.TextField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "tenants_handover"
        constraints = [models.UniqueConstraint(fields=["code_sha256"], name="handover_code_once")]
        indexes = [models.Index(fields=["expires_at"], name="handover_expiry")]
