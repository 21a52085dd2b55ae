"""Samples of an organization's hosts: claims of domains, the address and its preview."""

from __future__ import annotations

import tenancy
from billing import api as billing
from tenants.models import Domain
from tests.isolation.samples import Call, Sample, World, sample, thing


@thing("custom-domain")
def custom_domain(world: World) -> str:
    """The id of a claim that nobody has proved, of an organization that may have some more."""
    with tenancy.platform():
        billing.set_limit(world.organization.id, billing.DOMAINS, 10)
    made = world.send("owner", "POST", "/api/v1/domains/", {"host": f"learn.{world.organization.slug}.example.com"})
    return str(made["id"])


@thing("address")
def address(world: World) -> str:
    """The id of the organization's own host."""
    with tenancy.platform():
        return str(Domain.objects.get(organization_id=world.organization.id, is_primary=True).id)


@sample("domains:domain-list")
def domain_list(world: World) -> Sample:
    assert world["custom-domain"]
    host = f"academy.{world.organization.slug}.example.com"
    return Sample(calls={"GET": Call(), "POST": Call({"host": host})})


@sample("domains:domain-detail")
def domain_detail(world: World) -> Sample:
    return Sample(path={"domain_id": world["custom-domain"]}, calls={"GET": Call(), "DELETE": Call()})


@sample("domains:domain-check")
def domain_check(world: World) -> Sample:
    return Sample(path={"domain_id": world["custom-domain"]}, calls={"POST": Call()})


@sample("domains:primary")
def primary(world: World) -> Sample:
    return Sample(calls={"PUT": Call({"id": world["address"]})})


@sample("domains:address-preview")
def address_preview(world: World) -> Sample:
    return Sample(path={"slug": f"{world.organization.slug}-academy"}, calls={"GET": Call()})


@sample("domains:address")
def rename(world: World) -> Sample:
    return Sample(calls={"PUT": Call({"slug": f"{world.organization.slug}-renamed"})})
