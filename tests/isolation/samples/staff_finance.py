"""The staff host: what organizations buy and pay. ``by`` names a role of the staff."""

from __future__ import annotations

from datetime import timedelta

import tenancy
from core.clock import now
from core.ids import new_id
from tests.isolation.samples import Call, Sample, World, sample, thing
from tests.isolation.samples.staff import FINANCE, OPERATIONS, SUPPORT, of


@sample("staff:finance")
def finance(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)}, fleet=True)


@sample("staff:finance-months-csv")
def finance_months_csv(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)}, fleet=True)


@sample("staff:movement-list")
def movement_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=OPERATIONS)}, fleet=True)


@sample("staff:movement-csv")
def movement_csv(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)}, fleet=True)


@sample("staff:reconciliation-list")
def reconciliation_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE), "POST": Call(by=FINANCE)}, fleet=True)


@thing("staff_reconciliation")
def staff_reconciliation(world: World) -> str:
    """The id of a comparison of the books, which is the platform's alone."""
    from billing.api import finance

    with tenancy.platform():
        return str(finance.ask_reconciliation().id)


@sample("staff:reconciliation-detail")
def reconciliation_detail(world: World) -> Sample:
    path = {"comparison_id": world["staff_reconciliation"]}
    return Sample(path=path, calls={"GET": Call(by=FINANCE)}, fleet=True)


@sample("staff:reconciliation-csv")
def reconciliation_csv(world: World) -> Sample:
    path = {"comparison_id": world["staff_reconciliation"]}
    return Sample(path=path, calls={"GET": Call(by=OPERATIONS)}, fleet=True)


def _money(world: World, calls: dict[str, Call], **path: str) -> Sample:
    return Sample(path={**of(world), **path}, calls=calls)


def _later(days: int) -> str:
    return (now() + timedelta(days=days)).isoformat()


@sample("staff:organization-billing")
def organization_billing(world: World) -> Sample:
    return _money(world, {"GET": Call(by=SUPPORT)})


@sample("staff:organization-billing-reading")
def organization_billing_reading(world: World) -> Sample:
    return _money(world, {"POST": Call(by=FINANCE)})


@sample("staff:organization-given-plans")
def organization_given_plans(world: World) -> Sample:
    given = {"plan": "team", "seats": 500, "until": _later(30), "reason": "A pilot"}
    # Whoever pays is given credit instead.
    return _money(world, {"POST": Call(given, by=FINANCE, expect=(200, 409))})


@sample("staff:organization-trial-extensions")
def organization_trial_extensions(world: World) -> Sample:
    longer = {"until": _later(30), "reason": "A pilot"}
    return _money(world, {"POST": Call(longer, by=FINANCE, expect=(200, 409))})


@sample("staff:organization-credits")
def organization_credits(world: World) -> Sample:
    given = {"amount_minor": 500, "currency": "eur", "note": "For the outage", "reason": "An outage"}
    # In another currency than it pays in, and without keys of Stripe, none is given.
    return _money(world, {"POST": Call(given, by=FINANCE, expect=(200, 422, 503))})


@sample("staff:organization-override")
def organization_override(world: World) -> Sample:
    given = {"value": 3, "expires_at": _later(30), "reason": "A pilot"}
    return _money(world, {"PUT": Call(given, by=FINANCE)}, feature="domains")


@thing("staff_override")
def staff_override(world: World) -> str:
    """A feature that was granted."""
    from billing.api import grant_override

    with tenancy.platform():
        grant_override(
            world.organization.id,
            feature="storage_bytes",
            value=10**12,
            expires_at=None,
            note="Pilot",
            made_by=new_id(),
        )
    return "storage_bytes"


@sample("staff:organization-override-revocation")
def organization_override_revocation(world: World) -> Sample:
    feature = world["staff_override"]
    return _money(world, {"POST": Call({"reason": "Over"}, by=FINANCE)}, feature=feature)


@sample("staff:organization-version-previews")
def organization_version_previews(world: World) -> Sample:
    return _money(world, {"POST": Call(by=FINANCE, expect=(409,))})  # nothing was bought


@sample("staff:organization-version-changes")
def organization_version_changes(world: World) -> Sample:
    return _money(world, {"POST": Call({"token": "x", "reason": "Asked"}, by=FINANCE, expect=(409,))})


@sample("staff:plan-list")
def plan_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:plan-version-prices")
def plan_version_prices(world: World) -> Sample:
    path = {"plan": "team", "number": 1}
    return Sample(path=path, calls={"POST": Call(by=FINANCE, expect=(200, 503))}, fleet=True)


@thing("staff_event")
def staff_event(world: World) -> str:
    """The id of a parked event from Stripe, about nobody."""
    from billing.models import StripeEvent

    with tenancy.platform():
        StripeEvent.objects.get_or_create(
            id="evt_walk",
            defaults={"type": "product.created", "livemode": False, "created_at": now(), "state": "parked"},
        )
    return "evt_walk"


@sample("staff:stripe-event-list")
def stripe_event_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=SUPPORT)}, fleet=True)


@sample("staff:stripe-event-detail")
def stripe_event_detail(world: World) -> Sample:
    return Sample(path={"event_id": world["staff_event"]}, calls={"GET": Call(by=OPERATIONS)}, fleet=True)


@sample("staff:stripe-event-retry")
def stripe_event_retry(world: World) -> Sample:
    path = {"event_id": world["staff_event"]}
    return Sample(path=path, calls={"POST": Call({"reason": "Mended"}, by=FINANCE)}, fleet=True)


@sample("staff:audit-entry-list")
def audit_entry_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=FINANCE)}, fleet=True)


@sample("staff:audit-entry-csv")
def audit_entry_csv(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=OPERATIONS)}, fleet=True)
