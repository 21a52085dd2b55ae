"""The last steps: the host leads to the organization, and what was made is looked at once."""

from __future__ import annotations

from django.db import connection, transaction

import tenancy
from tenancy import catalog
from tenants.catalog import record_of
from tenants.models import Domain, Organization


class ActivateDomain:
    """The organization's first host becomes its primary one."""

    name = "domain"
    label = "Your address"

    def is_done(self, organization: Organization) -> bool:
        return Domain.objects.filter(organization=organization, is_primary=True).exists()

    def run(self, organization: Organization) -> None:
        with transaction.atomic():
            first = Domain.objects.select_for_update().filter(organization=organization).order_by("created_at").first()
            if first is None:
                raise LookupError("the organization has no host")
            Domain.objects.filter(id=first.id).update(state=Domain.State.ACTIVE, is_primary=True)
            transaction.on_commit(lambda: catalog.announce_change(organization.id))

    def undo(self, organization: Organization) -> None:
        # A sign-up that failed gives its address back; nobody has used it.
        Domain.objects.filter(organization=organization).delete()
        catalog.announce_change(organization.id)


class SmokeCheck:
    """Binds the organization as any request will: role, path and stamp must agree, and its tables must answer."""

    name = "check"
    label = "A last look"

    def is_done(self, organization: Organization) -> bool:
        return False  # a look leaves nothing behind

    def run(self, organization: Organization) -> None:
        with tenancy.bind(record_of(organization)), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM accounts_member")
            if cursor.fetchone()[0] < 1:
                raise LookupError("the organization has no owner account")

    def undo(self, organization: Organization) -> None:
        """Nothing to undo."""
