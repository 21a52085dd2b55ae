"""The staff host: what staff tell on the status page."""

from __future__ import annotations

import tenancy
from core.ids import new_id
from tests.isolation.samples import Call, Sample, World, sample, thing

SUPPORT, OPERATIONS = "support", "operations"


@thing("staff_incident")
def staff_incident(world: World) -> str:
    """The id of an incident, which is about nobody in particular."""
    from staff.status import services

    with tenancy.platform():
        made = services.begin(
            created_by=new_id(), title="Films start late", impact="degraded", parts=["video"], body="We look."
        )
    return str(made.id)


@sample("staff:incident-list")
def incident_list(world: World) -> Sample:
    new = {"title": "Films start late", "impact": "degraded", "parts": ["video"], "body": "We look into it."}
    return Sample(calls={"GET": Call(by=SUPPORT), "POST": Call(new, by=OPERATIONS)})


@sample("staff:incident-detail")
def incident_detail(world: World) -> Sample:
    return Sample(
        path={"incident_id": world["staff_incident"]}, calls={"PATCH": Call({"impact": "outage"}, by=OPERATIONS)}
    )


@sample("staff:incident-updates")
def incident_updates(world: World) -> Sample:
    said = {"state": "resolved", "body": "Films start at once again."}
    return Sample(path={"incident_id": world["staff_incident"]}, calls={"POST": Call(said, by=OPERATIONS)})
