"""Samples of an organization's exports. The worker that makes archives is elsewhere: what it leaves is written here."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import tenancy
from core.clock import now
from tests.isolation.samples import Call, Sample, World, sample, thing

TOKEN = "isolation-export-token"


@thing("export")
def export(world: World) -> str:
    """The id of an export that is ready, with a link."""
    from tenants.models import ExportJob

    made = world.send("owner", "POST", "/api/v1/exports/")
    token = world.secret(f"{TOKEN}-{world.organization.slug}")
    with tenancy.platform():
        ready = ExportJob.objects.filter(id=made["id"]).update(
            state="ready",
            object_key=f"t/{world.organization.id}/x/{made['id']}.zip",
            size_bytes=1000,
            expires_at=now() + timedelta(days=7),
            link_sha256=hashlib.sha256(token.encode()).hexdigest(),
            link_expires_at=now() + timedelta(hours=1),
        )
    assert ready == 1
    return str(made["id"])


@sample("archive:export-list")
def export_list(world: World) -> Sample:
    return Sample(calls={"GET": Call(), "POST": Call()})


@sample("archive:export-detail")
def export_detail(world: World) -> Sample:
    return Sample(path={"export_id": world["export"]}, calls={"GET": Call(), "DELETE": Call()})


@sample("archive:export-link")
def export_link(world: World) -> Sample:
    return Sample(path={"export_id": world["export"]}, calls={"POST": Call()})


@sample("archive:export-file")
def export_file(world: World) -> Sample:
    token = f"{TOKEN}-{world.organization.slug}"
    return Sample(path={"export_id": world["export"]}, calls={"POST": Call({"token": token})})
