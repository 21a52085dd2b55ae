"""An organization and the hosts that lead to it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import EVERY_ROW, SharedModel


class OrganizationQuerySet(models.QuerySet["Organization"]):
    """Organizations, and those of them that this cell works for."""

    def here(self) -> OrganizationQuerySet:
        """Leave out those that live in another cell, or are on their way there: nothing of them changes here."""
        return self.filter(cell=settings.CELL, frozen_at__isnull=True)


class Organization(SharedModel):
    """A tenant. ``id``, ``schema_name`` and ``db_role`` never change; a slug is only ever part of a host."""

    tenant_door = "none"
    kept = "the tombstone: id, states and dates; the name is erased"
    moves = EVERY_ROW  # and stays, as the pointer to where it is

    class State(models.TextChoices):
        REQUESTED = "requested"
        PROVISIONING = "provisioning"
        ACTIVE = "active"
        READ_ONLY = "read_only"
        SUSPENDED = "suspended"
        PENDING_DELETION = "pending_deletion"
        DELETING = "deleting"
        DELETED = "deleted"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    schema_name = models.TextField(editable=False)
    db_role = models.TextField(editable=False)
    state = models.TextField(choices=State, default=State.REQUESTED)
    state_version = models.IntegerField(default=0)
    state_since = models.DateTimeField(default=now)
    # Rises on restore, move and suspension: caches, tasks and grants of an older one are void.
    generation = models.IntegerField(default=1)
    # The generation its present data began with: work that an older self left undone is void, not late.
    epoch = models.IntegerField(default=1)
    # Of an organization that is to be deleted: where it returns to if that is called off, and when it is due.
    returns_to = models.TextField(default="", blank=True)
    delete_after = models.DateTimeField(null=True, blank=True)
    cell = models.TextField(default="local")
    # Since when nothing of it may change here: it is being moved, or lives in another cell by now.
    frozen_at = models.DateTimeField(null=True, editable=False)
    locale = models.TextField(default="en")
    zone = models.TextField(default="UTC")
    terms_version = models.TextField()
    terms_accepted_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        db_table = "tenants_organization"
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "requested",
                        "provisioning",
                        "active",
                        "read_only",
                        "suspended",
                        "pending_deletion",
                        "deleting",
                        "deleted",
                        "failed",
                    ]
                ),
                name="organization_state",
            ),
            models.CheckConstraint(
                condition=~Q(state="pending_deletion")
                | Q(returns_to__in=["active", "read_only", "suspended"], delete_after__isnull=False),
                name="organization_pending_deletion_has_a_way_back",
            ),
            models.UniqueConstraint(fields=["schema_name"], name="organization_schema_once"),
            # tenancy_org_id() looks an organization up by its role.
            models.UniqueConstraint(fields=["db_role"], name="organization_role_once"),
            models.CheckConstraint(
                condition=Q(schema_name__regex=r"^t_[a-z2-7]{12}$"), name="organization_schema_is_ours"
            ),
        ]
        indexes = [models.Index(fields=["state", "updated_at"], name="organization_sweep")]

    def __str__(self) -> str:
        return self.name


class Domain(SharedModel):
    """A host of an organization. Rows are retired, never deleted.

    A subdomain holds its host for good: once given up it redirects for a year, then stays quarantined. A custom domain
    holds its host only while DNS proves it: before that (``pending``), and once the proof is gone (``disabled``) or the
    organization lets go (``released``), whoever proves it first has it.
    """

    tenant_door = "none"
    kept = "the hosts, so that nobody takes them over"
    moves = EVERY_ROW  # and stays, so that who comes here is sent on

    class Kind(models.TextChoices):
        SUBDOMAIN = "subdomain"
        CUSTOM = "custom"

    class State(models.TextChoices):
        PENDING = "pending"
        VERIFIED = "verified"
        ACTIVE = "active"
        REDIRECTING = "redirecting"
        DISABLED = "disabled"
        QUARANTINED = "quarantined"
        RELEASED = "released"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.RESTRICT, related_name="domains")
    host = models.TextField(help_text="Lower case, A-labels, no port.")
    kind = models.TextField(choices=Kind, default=Kind.SUBDOMAIN)
    state = models.TextField(choices=State, default=State.PENDING)
    is_primary = models.BooleanField(default=False)
    # What the first label looks like to a reader: two slugs with one skeleton are refused.
    skeleton = models.TextField(default="")
    created_at = models.DateTimeField(default=now)
    since = models.DateTimeField(default=now, help_text="When it came into its state.")
    redirect_until = models.DateTimeField(null=True, help_text="When a given-up address stops redirecting.")
    # Of this claim alone: what somebody else, or an earlier claim, left in DNS proves nothing.
    txt_token = models.TextField(default="")
    checked_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True, help_text="Since when DNS no longer shows what it showed.")
    findings = models.JSONField(default=list, help_text="The last look at DNS, a record each.")

    class Meta:
        db_table = "tenants_domain"
        constraints = [
            models.UniqueConstraint(
                fields=["host"],
                condition=Q(kind="subdomain") | Q(state__in=["verified", "active"]),
                name="domain_host_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "host"],
                condition=Q(kind="custom") & ~Q(state="released"),
                name="domain_one_claim",
            ),
            models.UniqueConstraint(fields=["organization"], condition=Q(is_primary=True), name="domain_one_primary"),
            models.CheckConstraint(condition=Q(is_primary=False) | Q(state="active"), name="domain_primary_is_active"),
        ]
        indexes = [
            models.Index(fields=["skeleton"], name="domain_skeleton"),
            models.Index(fields=["host"], name="domain_host"),
            models.Index(fields=["state", "checked_at"], name="domain_recheck"),
        ]

    def __str__(self) -> str:
        return self.host
