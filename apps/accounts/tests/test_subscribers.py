"""What members do on the platform's side stands in their organization's audit under their name."""

from __future__ import annotations

from typing import Any

import tenancy
from core.acting import Acting, acting
from events import delivery
from events.models import OutboxDelivery
from tenancy import TenantRecord
from tenants import acts

ACTION = "organization.export.asked"


def _delivered(acme: TenantRecord) -> None:
    found = OutboxDelivery.objects.filter(organization_id=acme.id, type="lms.tenants.organization.acted.v1")
    assert delivery.deliver(found.latest("run_at").id)


def test_an_act_outside_the_schema_is_kept_under_the_members_name(acme: TenantRecord, olga: Any) -> None:
    with tenancy.platform(), acting(Acting(kind="member", id=olga.id, name=olga.name)):
        acts.note(acme.id, ACTION)
    _delivered(acme)
    newest = olga.client().get("/api/v1/audit-entries/", {"group": "exports"}).json()["items"][0]
    assert (newest["actor"], newest["sentence"]) == (olga.name, "asked for an export of everything")
