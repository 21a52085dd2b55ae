"""What the edge is told: which organization has which hosts, which keys may sign for its path, and which grants ended.

These rows drive both edges. Locally the verifier reads them; in production they are what CloudFront is made to hold.
What CloudFront holds is not written down here a second time: its resources carry names made of ours.
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
    """How the edge serves one organization: by which strategy, on which hosts, with which key group.

    ``state`` says whether grants are given. ``wanted_at`` is when these rows last changed what the edge has to hold;
    the edge of a strategy is known to hold all of it, everywhere, when that strategy's ``…_settled`` is the same.
    """

    tenant_door = "none"
    moves = EVERY_ROW

    class Strategy(models.TextChoices):
        POOLED = "pooled"
        DISTRIBUTION_TENANT = "distribution_tenant"

    class State(models.TextChoices):
        PENDING = "pending"
        DEPLOYED = "deployed"
        REVOKED = "revoked"

    class Phase(models.TextChoices):
        """Of a move to the other strategy. Both edges serve the organization from PREPARING to SETTLING."""

        NONE = ""
        PREPARING = "preparing"  # the other edge is made ready
        BOTH = "both"  # new grants hold at both edges; the old ones run out
        SWITCHING = "switching"  # the hosts go over
        SETTLING = "settling"  # grants of before run out, then the edge that was left lets go

    organization_id = models.UUIDField(primary_key=True)
    strategy = models.CharField(max_length=24, choices=Strategy.choices, default=Strategy.POOLED)
    # The name CloudFront gave the key group; locally it is made from the organization's id.
    key_group_id = models.CharField(max_length=64, blank=True)
    # Host names without port, lower case, as the browser sends them: the edge serves this organization on no other.
    hosts = ArrayField(models.CharField(max_length=253), default=list)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PENDING)
    changed_at = models.DateTimeField(default=now)
    # The distribution that serves, a shared one or the template of distribution tenants; during a move the other, too.
    pool = models.CharField(max_length=64, blank=True, default="", db_default="")
    phase = models.CharField(max_length=12, choices=Phase.choices, blank=True, default="", db_default="")
    phase_since = models.DateTimeField(null=True, blank=True)
    other_pool = models.CharField(max_length=64, blank=True, default="", db_default="")
    wanted_at = models.DateTimeField(null=True, blank=True)
    pooled_settled = models.DateTimeField(null=True, blank=True)
    tenant_settled = models.DateTimeField(null=True, blank=True)
    # Why the edge does not hold what these rows say, in words for staff.
    problem = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        db_table = "media_edgebinding"

    def side(self, strategy: str) -> str:
        """Return the distribution where a strategy has this organization now; both have it during a move."""
        if self.strategy == strategy:
            return self.pool
        return self.other_pool if self.phase else ""

    def has_side(self, strategy: str) -> bool:
        """Return whether a strategy has this organization now. The embedded edge has no distributions to name."""
        return self.strategy == strategy or bool(self.phase)

    @property
    def is_settled(self) -> bool:
        """Whether each edge that has this organization is known to hold what it has to."""
        pooled = not self.has_side(self.Strategy.POOLED) or self.pooled_settled == self.wanted_at
        tenant = not self.has_side(self.Strategy.DISTRIBUTION_TENANT) or self.tenant_settled == self.wanted_at
        return self.wanted_at is not None and pooled and tenant

    @property
    def hosts_at(self) -> str:
        """The strategy whose distribution the hosts belong to, or are to belong to."""
        if self.phase != self.Phase.SWITCHING:
            return self.strategy
        return other_strategy(self.strategy)


def other_strategy(strategy: str) -> str:
    """Return the strategy that this one is not."""
    pooled, tenant = EdgeBinding.Strategy.POOLED, EdgeBinding.Strategy.DISTRIBUTION_TENANT
    return str(tenant if strategy == pooled else pooled)


class SigningKey(SharedModel):
    """A key of a key group. The edge trusts next, current and retiring; only current signs.

    The group is an organization's, or the one all distribution tenants of a template share: then ``organization_id`` is
    :func:`media.edge.token.shard_id` of the template.
    """

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
    # Since when it is the one that signs; it was made one rotation earlier.
    signs_since = models.DateTimeField(null=True, blank=True)
    # When a retiring key leaves the group: the last grant it signed has ended by then.
    retires_at = models.DateTimeField(null=True, blank=True)
    # CloudFront's own name for the public key: there a signature has to name it, not ours.
    public_key_id = models.CharField(max_length=32, blank=True, default="", db_default="")
    # Since when every place of the edge trusts it: no key signs before.
    trusted_at = models.DateTimeField(null=True, blank=True)

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
    # When the edge's own list got it, where that is a list elsewhere.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "media_revokedgrant"


class EdgeSecret(SharedModel):
    """A secret of an organization's tokens, by which the edge's function knows them. All but revoked ones are known."""

    tenant_door = "none"
    moves = EVERY_ROW

    class State(models.TextChoices):
        NEXT = "next"
        CURRENT = "current"
        RETIRING = "retiring"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization_id = models.UUIDField(db_index=True)
    sealed_secret = models.BinaryField()
    state = models.CharField(max_length=12, choices=State.choices)
    created_at = models.DateTimeField(default=now)
    retires_at = models.DateTimeField(null=True, blank=True)
    # Since when the edge's function knows it: no secret signs before.
    trusted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "media_edgesecret"
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "state"], name="media_edgesecret_one_of_a_state"),
        ]


class EdgeValue(SharedModel):
    """The embedded edge's key-value store: what its function looks up. CloudFront has a KeyValueStore of its own."""

    tenant_door = "none"
    moves = EVERY_ROW

    organization_id = models.UUIDField(db_index=True, null=True)
    key = models.CharField(max_length=64, primary_key=True)
    value = models.CharField(max_length=1024)

    class Meta:
        db_table = "media_edgevalue"


class EdgePool(SharedModel):
    """A distribution, as it was last seen: what it holds, what it may hold, and what is wrong with it."""

    tenant_door = "none"

    class Kind(models.TextChoices):
        SHARED = "shared"
        TEMPLATE = "template"

    distribution_id = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    is_deployed = models.BooleanField(default=False)
    # What there is and what there may be, by the names of media.edge.quotas.
    used = models.JSONField(default=dict)
    quotas = models.JSONField(default=dict)
    # When AWS said so.
    quotas_read_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    looked_at = models.DateTimeField(default=now)
    # When it was last changed by us, and by which process.
    written_at = models.DateTimeField(null=True)
    written_by = models.CharField(max_length=120, blank=True, default="", db_default="")

    class Meta:
        db_table = "media_edgepool"
