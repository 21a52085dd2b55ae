"""Samples of branding."""

from __future__ import annotations

from tests.isolation.samples import Call, Sample, World, sample


@sample("branding:brand")
def brand(world: World) -> Sample:
    return Sample(calls={"GET": Call(), "PUT": Call({"color": "#0B5D3B", "heading_font": "newsreader"})})
