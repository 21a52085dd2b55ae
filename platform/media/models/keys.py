"""What the edge is told: which organization has which hosts, which keys may sign for its path, and which grants ended.

These rows drive both edges. Locally the verifier reads them; in production they are what CloudFront is made to hold.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class Namespace(SharedModel):
    """The prefix of the object store under which everything of one organization lies."""

    tenant_door = "none"
    moves = EVERY_ROW

    organization_id = models.UUIDField(primary_key=True)
    prefix = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "media_namespace"


class EdgeBinding(SharedModel):
    """How the edge serves one organization: by which strategy, on which hosts, with which key group."""

    tenant_door = "none"
    moves = EVERY_ROW

    class Strategy(models.TextChoices):
        POOLED = "pooled"
        DISTRIBUTION_TENANT = "distribution_tenant"

    class State(models.TextChoices):
        PENDING = "pending"
        DEPLOYED = "deployed"
        REVOKED = "revoked"

    organization_id = models.UUIDField(primary_key=True)
    strategy = models.CharField(max_length=24, choices=Strategy.choices, default=Strategy.POOLED)
    # The name CloudFront gave the key group; locally it is made from the organization's id.
    key_group_id = models.CharField(max_length=64, blank=True)
    # Host names without port, lower case, as the browser sends them: the edge serves this organization on no other.
    hosts = ArrayField(models.CharField(max_length=253), default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    changed_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "media_edgebinding"


class SigningKey(SharedModel):
    """A key of an organization's key group. The edge trusts next, current and retiring; only current signs."""

    tenant_door = "none"
    moves = EVERY_ROW

    class Algorithm(models.TextChoices):
        RSA_2048 = "rsa-2048"
        P_256 = "p-256"

    class State(models.TextChoices):
        NEXT = "next"
        CURRENT = "current"
        RETIRING = "retiring"
        REVOKED = "revoked"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField(db_index=True)
    # The Key-Pair-Id of a signature. Unique over all organizations, so that a wrong one names nobody else's key.
    kid = models.CharField(max_length=32, unique=True)
    algorithm = models.CharField(max_length=12, choices=Algorithm.choices)
    public_pem = models.TextField()
    sealed_private_key = models.BinaryField()
    state = models.CharField(max_length=12, choices=State.choices)
    created_at = models.DateTimeField(default=now)
    # When a retiring key leaves the group: the last grant it signed has ended by then.
    retires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "media_signingkey"
        constraints = [
            models.UniqueConstraint(
                fields=["organization_id"], condition=Q(state="current"), name="media_signingkey_one_current"
            ),
            models.UniqueConstraint(
                fields=["organization_id"], condition=Q(state="next"), name="media_signingkey_one_next"
            ),
        ]


class RevokedGrant(SharedModel):
    """A grant ended before its time. Kept until the grant would have ended by itself."""

    tenant_door = "none"
    moves = EVERY_ROW

    # SHA-256 of the policy's bytes, hex. Not of the signature: an ECDSA signature can be changed and stay valid.
    policy_hash = models.CharField(max_length=64, primary_key=True)
    organization_id = models.UUIDField()
    expires_at = models.DateTimeField(db_index=True)
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "media_revokedgrant"
