"""Samples of the audit: its entries are what the world's people did."""

from __future__ import annotations

from django.db import transaction

from apps.audit.api import record
from core import acting
from core.acting import Acting
from core.ids import new_id
from tests.isolation.samples import Call, Sample, World, sample, thing


@thing("audit_entry")
def audit_entry(world: World) -> str:
    """The id of an entry with words of this organization."""
    who = Acting(kind="member", id=world.members["owner"], name=world.text("Olga"), ip="192.0.2.1", via="web")
    with world.bound(), acting.acting(who), transaction.atomic():
        return str(
            record("courses.course.created", object_type="course", object_id=new_id(), label=world.text("Knots"))
        )


@sample("audit:entry-list")
def entry_list(world: World) -> Sample:
    assert world["audit_entry"]
    return Sample(calls={"GET": Call(by="admin")})


@sample("audit:entry-detail")
def entry_detail(world: World) -> Sample:
    return Sample(path={"entry_id": world["audit_entry"]}, calls={"GET": Call()})


@sample("audit:group-list")
def group_list(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("audit:state")
def state(world: World) -> Sample:
    return Sample(calls={"GET": Call(), "POST": Call()})


@sample("audit:export")
def export(world: World) -> Sample:
    assert world["audit_entry"]
    return Sample(calls={"GET": Call(query={"form": "jsonl"})})
