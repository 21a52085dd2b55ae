"""An organization and the hosts that lead to it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class Organization(SharedModel):
    """A tenant. ``id``, ``schema_name`` and ``db_role`` never change; a slug is only ever part of a host."""

    tenant_door = "none"

    class State(models.TextChoices):
        REQUESTED = "requested"
        PROVISIONING = "provisioning"
        ACTIVE = "active"
        READ_ONLY = "read_only"
        SUSPENDED = "suspended"
        PENDING_DELETION = "pending_deletion"
        DELETED = "deleted"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.TextField()
    schema_name = models.TextField(editable=False)
    db_role = models.TextField(editable=False)
    state = models.TextField(choices=State, default=State.REQUESTED)
    state_version = models.IntegerField(default=0)
    # Rises on restore, move and suspension: caches, tasks and grants of an older one are void.
    generation = models.IntegerField(default=1)
    cell = models.TextField(default="local")
    locale = models.TextField(default="en")
    zone = models.TextField(default="UTC")
    terms_version = models.TextField()
    terms_accepted_at = models.DateTimeField()
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_organization"
        constraints = [
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
    """A host of an organization. Rows are retired, never deleted: a taken host stays taken."""

    tenant_door = "none"

    class Kind(models.TextChoices):
        SUBDOMAIN = "subdomain"
        CUSTOM = "custom"

    class State(models.TextChoices):
        PENDING = "pending"
        ACTIVE = "active"
        REDIRECTING = "redirecting"
        DISABLED = "disabled"
        QUARANTINED = "quarantined"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(Organization, on_delete=models.RESTRICT, related_name="domains")
    host = models.TextField(help_text="Lower case, A-labels, no port.")
    kind = models.TextField(choices=Kind, default=Kind.SUBDOMAIN)
    state = models.TextField(choices=State, default=State.PENDING)
    is_primary = models.BooleanField(default=False)
    # What the first label looks like to a reader: two slugs with one skeleton are refused.
    skeleton = models.TextField(default="")
    created_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "tenants_domain"
        constraints = [
            models.UniqueConstraint(fields=["host"], name="domain_host_once"),
            models.UniqueConstraint(fields=["organization"], condition=Q(is_primary=True), name="domain_one_primary"),
            models.CheckConstraint(condition=Q(is_primary=False) | Q(state="active"), name="domain_primary_is_active"),
        ]
        indexes = [models.Index(fields=["skeleton"], name="domain_skeleton")]

    def __str__(self) -> str:
        return self.host
