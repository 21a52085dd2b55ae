"""What strangers send is drawn anew or refused in words; nothing of it is passed on as it came."""

import io
import struct
import zlib
from datetime import timedelta

import pytest
from PIL import Image

from apps.branding import api
from apps.branding.imaging.render import render
from apps.branding.imaging.svg import RefusedSvg, clean
from apps.branding.models import BrandImage
from core.clock import now

# What every scanner knows, harmless: https://www.eicar.org/download-anti-malware-testfile/
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-" + b"FILE!$H+H*"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 80 40">{}</svg>'
SHAPE = '<rect width="80" height="40" fill="#0b5d3b"/>'


def png(width: int = 120, height: int = 40, color: tuple[int, int, int, int] = (200, 30, 30, 255)) -> bytes:
    return saved(Image.new("RGBA", (width, height), color), "PNG")


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)  # type: ignore[arg-type]
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of a few bytes that says it is enormous."""
    header = struct.pack(">IIBBBBB", side, side, 8, 6, 0, 0, 0)
    body = zlib.compress(b"\0" * 4096)
    chunks = [(b"IHDR", header), (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def test_a_logo_is_drawn_in_three_heights_without_its_margins():
    wide = Image.new("RGBA", (400, 200), (0, 0, 0, 0))
    wide.paste((200, 30, 30, 255), (100, 50, 300, 150))

    files = render(saved(wide, "PNG"), "logo_light").files

    assert [(file.name, file.width, file.height) for file in files] == [
        ("h32", 64, 32),
        ("h64", 128, 64),
        ("h128", 256, 128),
    ]


def test_an_icon_is_square_and_comes_in_every_form_that_is_asked_for():
    files = {file.name: file for file in render(png(), "favicon").files}

    assert {name: (file.width, file.height) for name, file in files.items()} == {
        "s32": (32, 32),
        "s180": (180, 180),
        "s512": (512, 512),
        "ico": (48, 48),
    }
    with Image.open(io.BytesIO(files["ico"].content)) as ico:
        assert ico.info["sizes"] == {(16, 16), (32, 32), (48, 48)}
    with Image.open(io.BytesIO(files["s180"].content)) as touch:
        assert touch.mode == "RGB", "a home screen paints what is clear black"


def test_a_photograph_stands_upright_and_tells_nothing_of_where_it_was_taken():
    photo = Image.new("RGB", (600, 400), (10, 120, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)

    files = render(saved(photo, "JPEG", exif=exif, comment=b"SecretComment"), "login_image").files

    for file in files:
        assert (file.extension, file.width < file.height) == ("webp", True)
        assert b"Secret" not in file.content
        assert not Image.open(io.BytesIO(file.content)).getexif()


def test_what_follows_the_picture_is_not_passed_on():
    script = b"<script>alert(document.domain)</script>"
    polyglot = png() + script

    for use in ("logo_light", "favicon", "login_image"):
        assert all(script not in file.content for file in render(polyglot, use).files)


def test_an_svg_is_drawn_to_pixels():
    picture = render(SVG.format(SHAPE).encode(), "logo_light")

    assert picture.kind == "SVG"
    assert all(file.content.startswith(b"\x89PNG") for file in picture.files)
    assert Image.open(io.BytesIO(picture.files[0].content)).getpixel((10, 10)) == (11, 93, 59, 255)


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>fetch('//evil.example')</script>",
        '<image href="file:///etc/passwd" width="80" height="40"/>',
        '<image xlink:href="http://127.0.0.1:1/x.png" width="80" height="40"/>',
        '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml" onload="alert(1)"/></foreignObject>',
        '<rect onload="alert(1)" style="fill:url(http://127.0.0.1:1/#a)" width="1" height="1"/>',
        "<style>@import 'http://127.0.0.1:1/x.css';</style>",
        '<use href="http://127.0.0.1:1/x.svg#a"/>',
        '<a href="javascript:alert(1)"><rect width="1" height="1"/></a>',
    ],
)
def test_attack_52_what_reaches_out_of_an_svg_is_left_out(hostile):
    clean = render(SVG.format(SHAPE).encode(), "logo_light").files
    drawn = render(SVG.format(SHAPE + hostile).encode(), "logo_light").files

    assert [file.width for file in drawn] == [file.width for file in clean]
    assert Image.open(io.BytesIO(drawn[0].content)).getpixel((40, 20)) == (11, 93, 59, 255)


LAUGHS = "".join(f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 40))

REFUSED = {
    "nothing": (b"", "The file is empty"),
    "no picture": (b"MZ\x90\x00 not a picture at all", "can't be read as a picture"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "SVG can't be read"),
    "cut off": (png()[:70], "can't be read as a picture"),
    "a GIF": (saved(Image.new("P", (40, 40)), "GIF"), "can't be read as a picture"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3", "can't be read as a picture"),
    "too many pixels": (bomb(12_000), "This PNG is 12,000 × 12,000 px"),
    "a flood": (bomb(2_000_000_000), "can't be read|px"),
    "too few": (png(4, 4), "at least 16 px"),
    "too wide": (png(4000, 20), "as wide as high"),
    "all clear": (png(color=(0, 0, 0, 0)), "transparent"),
    "too large": (b"\x89PNG" + b"0" * (5 * 1024 * 1024), "5 MB is the most"),
    "entities": (
        b'<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + SVG.format("<desc>&x;</desc>").encode(),
        "declares entities",
    ),
    "billions of laughs": (
        b'<!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>' + SVG.format("<desc>&b;</desc>").encode(),
        "declares entities",
    ),
    "billions of shapes": (SVG.format('<g id="g0"><rect/></g>' + LAUGHS).encode(), "too many shapes"),
    "letters": (SVG.format('<text y="20">Acme</text>').encode(), "live text"),
    "endless": (SVG.replace("0 0 80 40", "0 0 99999999 1").format(SHAPE).encode(), "can't be read|takes too much"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_attack_50_what_is_no_logo_is_refused_in_words(store, editor, name):
    content, words = REFUSED[name]

    refused = editor.upload(content, "logo_light")

    assert refused.status_code == 422, refused.content
    assert any(word in refused.json()["detail"] for word in words.split("|")), refused.json()
    assert not BrandImage.objects.exists()


def test_a_picture_is_seen_once_a_draft_with_it_is_published(store, editor, acme):
    logo = editor.upload(png(), "logo_light").json()
    icon = editor.upload(SVG.format(SHAPE).encode(), "favicon").json()
    editor.save(logo_light=logo["id"], favicon=icon["id"])
    assert api.brand_of().logo_light is None

    editor.publish()

    shown = api.brand_of()
    assert shown.logo_light is not None
    assert shown.logo_dark == shown.logo_light, "where only one is given it stands in both modes"
    assert shown.favicon.ico.startswith(f"/media/p/{acme.id}/")
    found = store.head(shown.logo_light.h64.removeprefix("/media/"))
    assert found.content_type == "image/png"


def test_a_picture_is_only_for_what_it_was_drawn_for(store, editor):
    icon = editor.upload(png(), "favicon").json()

    for wrong in ({"logo_light": icon["id"]}, {"login_image": icon["id"]}):
        assert editor.save(**wrong).json()["code"] == "image_not_found"
    assert editor.save(favicon="0195f3a0-0000-7000-8000-000000000000").json()["code"] == "image_not_found"


def test_an_upload_says_what_it_is_for(store, editor):
    assert editor.upload(png(), "background").status_code == 422


def test_what_no_look_has_for_a_day_is_swept_away_with_its_objects(store, editor):
    kept = editor.upload(png(), "logo_light").json()
    editor.save(logo_light=kept["id"])
    editor.upload(png(60, 60, (1, 2, 3, 255)), "favicon")
    same = editor.upload(png(), "logo_dark").json()
    orphan = BrandImage.objects.get(use="favicon")
    BrandImage.objects.update(created_at=now() - timedelta(hours=25))

    editor.upload(png(90, 30, (9, 9, 9, 255)), "logo_light")

    assert not BrandImage.objects.filter(pk__in=[orphan.pk, same["id"]]).exists()
    left = {found.key for found in store.list("p/")}
    assert not {file["key"] for file in orphan.files.values()} & left
    shown = BrandImage.objects.get(pk=kept["id"])
    assert {file["key"] for file in shown.files.values()} <= left, "the same content is still shown by another"


def test_learners_upload_nothing(store, acme, leo, avery):
    for person in (leo, avery):
        refused = person.client().generic(
            "POST", "/api/v1/brand/images/?use=favicon", png(), content_type="application/octet-stream"
        )
        assert refused.status_code == 403


def test_a_line_of_text_that_draws_a_hundred_thousand_shapes_is_refused_before_it_is_drawn():
    levels = '<g id="g0"><rect width="80" height="40" opacity=".5"/></g>' + "".join(
        f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 6)
    )
    for hostile in (levels, '<g id="a"><use href="#a"/></g>'):
        with pytest.raises(RefusedSvg) as refused:
            clean(SVG.format(hostile).encode())
        assert refused.value.code == "complex"
    assert "use" in clean(SVG.format('<g id="a"><rect width="1" height="1"/></g>' + '<use href="#a"/>' * 50).encode())


@pytest.mark.parametrize("place", ["behind", "text chunk", "svg comment", "svg data"])
def test_what_a_scanner_would_find_in_a_picture_does_not_come_out_of_it(place: str) -> None:
    """No scanner runs: nothing is handed on as it came, so there is nothing to find in what is."""
    if place.startswith("svg"):
        hidden = EICAR.decode().replace("&", "&amp;").replace("<", "&lt;")
        inner = f"<!--{hidden}-->" if place == "svg comment" else f'<g data-x="{hidden.replace(chr(34), "")}"/>'
        content = SVG.format(SHAPE + inner).encode()
    elif place == "behind":
        content = png() + EICAR
    else:
        data = b"Comment\0" + EICAR
        chunk = struct.pack(">I", len(data)) + b"tEXt" + data + struct.pack(">I", zlib.crc32(b"tEXt" + data))
        plain = png()
        content = plain[:33] + chunk + plain[33:]  # behind the header
    assert b"EICAR" in content
    files = render(content, "logo_light").files
    assert files
    assert not any(b"EICAR" in file.content for file in files)
