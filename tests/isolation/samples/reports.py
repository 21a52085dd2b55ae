"""Samples of reports: first steps and usage."""

from __future__ import annotations

from tests.isolation.samples import Call, Sample, World, sample


@sample("reports:first-run")
def first_run(world: World) -> Sample:
    assert world["course"]
    return Sample(calls={"GET": Call(by="author")})


@sample("reports:first-run-dismissal")
def dismissal(world: World) -> Sample:
    return Sample(calls={"PUT": Call(), "DELETE": Call()})


@sample("reports:usage")
def usage(world: World) -> Sample:
    assert world["course"]
    return Sample(calls={"GET": Call()})
