"""What browsers refused for the sake of a page's policy, as they report it."""

from __future__ import annotations

from django.db import models

from core.clock import now
from core.ids import new_id
from tenancy.models import SharedModel


class PolicyViolation(SharedModel):
    """All reports of one kind, counted: where, by which directive, of what. Whose browser it was is not kept.

    ``page`` is a path with everything but its plain words struck out; ``blocked`` a word of ours or a domain.
    """

    tenant_door = "none"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    surface = models.TextField()
    directive = models.TextField()
    blocked = models.TextField()
    page = models.TextField()
    count = models.BigIntegerField(default=0)
    first_seen_at = models.DateTimeField(default=now)
    last_seen_at = models.DateTimeField(default=now)

    class Meta:
        db_table = "staff_policyviolation"
        constraints = [
            models.UniqueConstraint(
                fields=["surface", "directive", "blocked", "page"], name="staff_policyviolation_once"
            ),
        ]
        # What makes room when there is none: what was seen least, longest ago.
        indexes = [models.Index(fields=["count", "last_seen_at"], name="staff_policyviolation_least")]
