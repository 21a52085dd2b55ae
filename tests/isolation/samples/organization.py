"""Samples of what an organization is and of its end."""

from __future__ import annotations

from tests.isolation.samples import Call, Sample, World, sample


@sample("organization:organization")
def organization(world: World) -> Sample:
    return Sample(calls={"GET": Call(), "PATCH": Call({"name": world.text("Harbour School")})})


@sample("organization:deletion")
def deletion(world: World) -> Sample:
    shown = world.send("owner", "GET", "/api/v1/organization/deletion/")
    return Sample(
        calls={
            "GET": Call(),
            "POST": Call({"slug": world.organization.slug, "reason": "", "token": shown["token"]}),
            "DELETE": Call(query={"token": shown["token"]}),
        }
    )
