"""What staff, and the platform itself, did: kept by a table that takes rows and gives none back."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class PlatformAuditEntry(SharedModel):
    """One act. INSERT-only by grant, and by a trigger that holds against the owning login too.

    ``organization_id`` is no foreign key: the record outlives what it speaks of. ``changes`` maps a field to
    ``[before, after]``.
    """

    tenant_door = "none"
    stays = "what staff of this cell did, sealed here"
    immutable = True
    kept = "what staff did, by id; it holds nothing of the organization's people"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField(default=now)
    action = models.TextField()
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.TextField(default="", blank=True)
    organization_id = models.UUIDField(null=True)
    object_type = models.TextField(default="", blank=True)
    object_id = models.TextField(default="", blank=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(default="", blank=True)
    ticket = models.TextField(default="", blank=True)
    request_id = models.TextField(default="", blank=True)
    ip = models.TextField(default="", blank=True)

    class Meta:
        db_table = "staff_platformauditentry"
        indexes = [
            models.Index(fields=["-at", "-id"], name="staff_audit_newest"),
            models.Index(fields=["organization_id", "-at"], name="staff_audit_organization"),
            models.Index(fields=["actor_id", "-at"], name="staff_audit_actor"),
        ]
