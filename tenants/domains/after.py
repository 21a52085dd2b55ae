"""What follows a change of an organization's hosts: every process forgets, and the delivery edge learns the hosts."""

from __future__ import annotations

import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from tenancy import catalog
from tenants.selectors import hosts_of

_log = logging.getLogger(__name__)


def hosts_changed(organization_id: UUID) -> None:
    """Tell whoever keeps a copy of the organization's hosts, after the open transaction commits.

    A follower that fails is only logged: each also compares its copy from time to time.
    """
    transaction.on_commit(lambda: _tell(organization_id), robust=True)


def _tell(organization_id: UUID) -> None:
    catalog.announce_change(organization_id)
    hosts = hosts_of(organization_id)
    for path in settings.HOST_FOLLOWERS:
        try:
            import_string(path)(organization_id, hosts)
        except Exception:  # noqa: BLE001 - one follower's failure must not keep the others from hearing
            _log.exception("domains.follower_failed", extra={"follower": path, "organization": str(organization_id)})
