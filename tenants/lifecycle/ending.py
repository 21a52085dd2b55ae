"""The end: deletions whose time to be called off has passed."""

from __future__ import annotations

import logging

from django.conf import settings
from django.utils.module_loading import import_string

from core.clock import now
from core.errors import DomainError
from tenants.lifecycle.machine import transition
from tenants.lifecycle.notices import State as Notice
from tenants.lifecycle.rules import Event, State
from tenants.models import LifecycleNotice, Organization

_log = logging.getLogger(__name__)

_BATCH = 20


def begin_due() -> int:
    """Close the organizations whose day has come; return how many. Until here each could be called off."""
    begun = 0
    due = Organization.objects.here().filter(state=State.PENDING_DELETION, delete_after__lte=now())
    for organization_id in list(due.order_by("delete_after").values_list("id", flat=True)[:_BATCH]):
        try:
            begun += transition(organization_id, Event.BEGIN_DELETION).transition is not None
        except DomainError:  # called off a moment ago
            _log.warning("lifecycle.deletion_not_begun", extra={"organization_id": str(organization_id)}, exc_info=True)
    return begun


def hand_on() -> int:
    """Ask for the work of every deletion that has begun; return of how many.

    What is asked for must be safe to ask for again: this is repeated until the organization is ``deleted``. The last
    mail to the owners goes first, because the work takes their addresses with it. All are gone through: one that waits
    for somebody outside, or has failed, keeps no other from its end.
    """
    asked = 0
    for organization_id in list(
        Organization.objects.filter(state=State.DELETING).order_by("state_since").values_list("id", flat=True)
    ):
        if LifecycleNotice.objects.filter(organization_id=organization_id, state=Notice.WAITING).exists():
            continue
        import_string(settings.DELETION)(organization_id)
        asked += 1
    return asked
