"""Entries, the personal words beside them, and the seals over them.

An entry never changes: it holds ids, times and what became of allow-listed fields. Names, addresses and other personal
words stand in rows of their own, which a member's erasure deletes; the entry keeps a salted hash of each, so a name
that was altered shows and a name that was erased does not break the seal.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from core.ids import new_salt
from tenancy.models import TenantModel


class AuditEntry(TenantModel):
    """One thing that was done. INSERT-only for the organization's role; a trigger holds everybody else to it too."""

    pii: ClassVar[str] = "ids of who acted and on whom; names and addresses are in AuditPersonal"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "stays: it holds ids only"
    verbs = ("SELECT", "INSERT")
    other_roles = {"sealer": "SELECT, UPDATE (seal_no)"}

    at = models.DateTimeField(default=now)
    action = models.TextField(help_text="<app>.<noun>.<verb>, a key of apps.audit.catalogue.")
    actor_kind = models.TextField()
    actor_id = models.UUIDField(null=True, help_text="NULL for visitors and for the platform itself.")
    on_behalf_of = models.UUIDField(null=True, help_text="The member whose view a staff person has.")
    support_grant = models.UUIDField(null=True)
    object_type = models.TextField(default="", blank=True)
    object_id = models.UUIDField(null=True)
    object_label = models.TextField(default="", blank=True, help_text="Never a person's name.")
    changes = models.JSONField(default=dict, help_text="Field -> [before, after], fields of the catalogue only.")
    request_id = models.TextField(default="", blank=True)
    via = models.TextField(default="", blank=True, help_text="web, task:<name> or command.")
    personal = models.JSONField(default=dict, help_text="Id of an AuditPersonal row -> salted sha256 of its words.")
    digest = models.CharField(max_length=64, help_text="sha256 of everything above in canonical form.")
    seal_no = models.BigIntegerField(null=True, help_text="Set once, by the sealer.")

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="audit_entry_actor_kind", condition=Q(actor_kind__in=["member", "staff", "system", "visitor"])
            ),
        )
        indexes = (
            models.Index(fields=["-at", "-id"], name="audit_entry_newest"),
            models.Index(fields=["seal_no"], name="audit_entry_seal"),
            models.Index(fields=["object_id"], name="audit_entry_object", condition=Q(object_id__isnull=False)),
            models.Index(fields=["actor_id"], name="audit_entry_actor", condition=Q(actor_id__isnull=False)),
        )


class AuditPersonal(TenantModel):
    """Personal words of one entry about one subject: names as they were then, or the network address."""

    pii: ClassVar[str] = "names, e-mail addresses and network addresses at the time of the act"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "deleted; the entries stay and say that the words were erased"
    verbs = ("SELECT", "INSERT", "DELETE")
    other_roles = {"sealer": "SELECT"}

    class Kind(models.TextChoices):
        WORDS = "words"
        ADDRESS = "address"

    entry_id = models.UUIDField()
    subject_id = models.UUIDField(null=True, help_text="Whose words: a member's or a staff person's id.")
    kind = models.TextField(choices=Kind)
    at = models.DateTimeField(default=now)
    salt = models.CharField(max_length=32, default=new_salt)
    words = models.JSONField(help_text="actor, behalf, label, changes or ip.")

    class Meta:
        constraints = (models.CheckConstraint(name="audit_personal_kind", condition=Q(kind__in=["words", "address"])),)
        indexes = (
            models.Index(fields=["entry_id"], name="audit_personal_entry"),
            models.Index(fields=["subject_id"], name="audit_personal_subject"),
            # Network addresses are kept for 90 days; the duty that removes them asks in this order.
            models.Index(fields=["at"], name="audit_personal_addresses", condition=Q(kind="address")),
        )


class AuditSeal(TenantModel):
    """A Merkle root over a batch of entries, chained to the seal before it. Only the sealer writes one."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "stays"
    verbs = ("SELECT",)
    other_roles = {"sealer": "SELECT, INSERT"}

    no = models.BigIntegerField(help_text="1, 2, 3 … without a gap.")
    entries = models.IntegerField()
    first_id = models.UUIDField()
    last_id = models.UUIDField()
    merkle_root = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["no"], name="audit_seal_no"),)
