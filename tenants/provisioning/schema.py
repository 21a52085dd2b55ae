"""Step: the organization's schema, role, grants, stamp and ledger, in one transaction."""

from __future__ import annotations

from django.db import connection, transaction

import tenancy
from tenants.models import Organization, SchemaLedger, WarmSchema
from tenants.schema import replay
from tenants.schema.template import current


class CreateSchema:
    """A warm schema is renamed; without one the template is replayed. Either way: everything or nothing."""

    name = "schema"
    label = "Database schema of your own"

    def is_done(self, organization: Organization) -> bool:
        return SchemaLedger.objects.filter(organization=organization).exists()

    def run(self, organization: Organization) -> None:
        template = current()
        with tenancy.schema_owner(), transaction.atomic():
            warm = (
                WarmSchema.objects.select_for_update(skip_locked=True)
                .filter(template_sha256=template.sha256)
                .order_by("built_at")
                .first()
            )
            if warm is not None:
                replay.rename(
                    connection,
                    schema=warm.schema_name,
                    role=warm.db_role,
                    new_schema=organization.schema_name,
                    new_role=organization.db_role,
                )
                warm.delete()
            else:
                replay.create(connection, template, schema=organization.schema_name, role=organization.db_role)
            replay.stamp(connection, schema=organization.schema_name, organization_id=organization.id)
            SchemaLedger.objects.create(organization=organization, release_id=template.release)

    def undo(self, organization: Organization) -> None:
        with tenancy.schema_owner(), transaction.atomic():
            replay.drop(connection, schema=organization.schema_name, role=organization.db_role)
            SchemaLedger.objects.filter(organization=organization).delete()
