"""What changes in the reports: a first step is done, the list of them is put away or taken out again."""

from __future__ import annotations

from django.db import transaction

from apps.audit.api import record
from apps.reports.models import DISMISSED, FirstRunMark


def mark(step: str) -> None:
    """Keep that a first step was done. The first time counts, so repeating is harmless."""
    FirstRunMark.objects.bulk_create([FirstRunMark(step=step)], ignore_conflicts=True)


@transaction.atomic
def dismiss() -> None:
    """Put the list of first steps away, for everybody of the organization."""
    made = FirstRunMark.objects.get_or_create(step=DISMISSED)[1]
    if made:
        record("reports.first_run.dismissed", object_type="first_run", object_id=None, label=None, changes={})


@transaction.atomic
def reopen() -> None:
    """Show the list of first steps again."""
    if FirstRunMark.objects.filter(step=DISMISSED).delete()[0]:
        record("reports.first_run.reopened", object_type="first_run", object_id=None, label=None, changes={})
