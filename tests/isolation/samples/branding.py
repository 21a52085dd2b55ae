"""Samples of branding."""

from __future__ import annotations

from typing import Any

from tests.isolation.samples import Call, Sample, World, sample, thing

_LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="#0b5d3b"/></svg>'
)


def _match(world: World) -> dict[str, str]:
    return {"if-match": f'"{world["brand_revision"]}"'}


def _look(world: World, color: str = "#0B5D3B") -> dict[str, Any]:
    return {
        "color": color,
        "heading_font": "newsreader",
        "name": world.text("Academy"),
        "welcome_title": world.text("Welcome"),
        "welcome_text": world.text("Learn by doing"),
        "sender_name": world.text("Academy"),
        "reply_to": "help@harbour.example",
        "footer": world.text("Registered in Rotterdam"),
    }


@thing("brand_version")
def brand_version(world: World) -> str:
    """The id of an earlier look: two were published."""
    revision = world.send("owner", "GET", "/api/v1/brand/")["revision"]
    for color in ("#0B5D3B", "#C4185C"):
        saved = world.send("owner", "PUT", "/api/v1/brand/", _look(world, color), {"if-match": f'"{revision}"'})
        told = world.send("owner", "POST", "/api/v1/brand/publication/", None, {"if-match": f'"{saved["revision"]}"'})
        revision = told["revision"]
    return str(world.send("owner", "GET", "/api/v1/brand/versions/")["items"][0]["id"])


@thing("brand_revision")
def brand_revision(world: World) -> int:
    """The number to name in writes, with a draft that can be published."""
    assert world["brand_version"]
    revision = world.send("owner", "GET", "/api/v1/brand/")["revision"]
    saved = world.send("owner", "PUT", "/api/v1/brand/", _look(world, "#FFD21F"), {"if-match": f'"{revision}"'})
    return int(saved["revision"])


@sample("branding:brand")
def brand(world: World) -> Sample:
    headers = _match(world)
    return Sample(calls={"GET": Call(), "PUT": Call(_look(world, "#14679A"), headers), "DELETE": Call(headers=headers)})


@sample("branding:brand-publication")
def brand_publication(world: World) -> Sample:
    return Sample(calls={"POST": Call(headers=_match(world))})


@sample("branding:brand-versions")
def brand_versions(world: World) -> Sample:
    assert world["brand_version"]
    return Sample(calls={"GET": Call()})


@sample("branding:brand-restoration")
def brand_restoration(world: World) -> Sample:
    return Sample(path={"version_id": world["brand_version"]}, calls={"POST": Call(headers=_match(world))})


@sample("branding:brand-images")
def brand_images(world: World) -> Sample:
    assert world["object_store"]
    return Sample(calls={"POST": Call(_LOGO, {"content-type": "image/svg+xml"}, {"use": "logo_light"})})


@sample("branding:brand-mail")
def brand_mail(world: World) -> Sample:
    return Sample(calls={"GET": Call(by="author")})


@sample("branding:brand-mail-page")
def brand_mail_page(world: World) -> Sample:
    # A frame in a page asks for it, and a frame takes HTML.
    return Sample(calls={"GET": Call(headers={"accept": "text/html"}, by="author")})
