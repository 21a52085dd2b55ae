"""Samples of what an organization buys, and of the public price list."""

from __future__ import annotations

from tests.isolation.samples import ANONYMOUS, Call, Sample, World, sample


@sample("billing:billing")
def billing(world: World) -> Sample:
    changed = {"legal_name": world.text("Harbour School Ltd"), "contacts": ["books@harbour.example"]}
    return Sample(calls={"GET": Call(), "PATCH": Call(changed)})


@sample("billing:usage")
def usage(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("billing:overage")
def overage(world: World) -> Sample:
    return Sample(calls={"PUT": Call({"delivered_bytes": "cap", "transcode_seconds": "cap"})})


@sample("billing:invoices")
def invoices(world: World) -> Sample:
    return Sample(calls={"GET": Call()})


@sample("pricing:plans")
def plans(world: World) -> Sample:
    return Sample(calls={"GET": Call(by=ANONYMOUS)})
