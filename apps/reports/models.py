"""What the reports keep: when an organization's first steps were done. Everything else is counted where it lies."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.clock import now
from tenancy.models import TenantModel

STEPS = ("brand", "video", "course", "invitation", "enrollment", "progress")
DISMISSED = "dismissed"


class FirstRunMark(TenantModel):
    """A first step was done, or the list of them was put away (``dismissed``). The first time counts.

    A step stays done when what did it is deleted later: it says what somebody has learned to do.
    """

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: it names nobody"

    step = models.CharField(max_length=16, unique=True)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.CheckConstraint(name="reports_firstrunmark_step", condition=Q(step__in=[*STEPS, DISMISSED])),
        )
