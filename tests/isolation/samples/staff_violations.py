"""The staff host: what browsers reported about policies."""

from __future__ import annotations

import tenancy
from tests.isolation.samples import Call, Sample, World, sample, thing

SUPPORT, OPERATIONS = "support", "operations"


@thing("staff_violation")
def staff_violation(world: World) -> str:
    """The id of a kind of violation, which is about nobody in particular."""
    from staff import violations
    from staff.models import PolicyViolation

    with tenancy.platform():
        violations.count({violations.Kind("tenant", "script-src-elem", "evil.example", "/home"): 3})
        return str(PolicyViolation.objects.get(blocked="evil.example").id)


@sample("staff:violation-list")
def violation_list(world: World) -> Sample:
    assert world["staff_violation"]
    return Sample(calls={"GET": Call(by=SUPPORT)})


@sample("staff:violation-detail")
def violation_detail(world: World) -> Sample:
    return Sample(path={"violation_id": world["staff_violation"]}, calls={"DELETE": Call(by=OPERATIONS)})
