"""A page is dressed before anything is fetched, and a draft is seen only where it may be."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.branding import api as branding
from config import dress

BRAND = "/api/v1/brand/"
FACE = "node_modules/@fontsource-variable/lora/files/lora-{}-wght-normal.woff2"
BUILD = {
    "src/theme/scheme-boot.ts": {"file": "assets/scheme.js"},
    **{f"{name}.html": {"file": f"assets/{name}.js", "css": []} for name in ("site", "learn", "studio", "staff")},
    FACE.format("latin"): {"file": "assets/lora-1.woff2"},
    FACE.format("latin-ext"): {"file": "assets/lora-2.woff2"},
}


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Path) -> None:
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(BUILD))
    settings.FRONTEND_DIST = tmp_path


def save(client: Client, **look: Any) -> None:
    revision = client.get(BRAND).json()["revision"]
    body = {"color": "#0b5d3b", "heading_font": "lora", **look}
    assert client.put(BRAND, body, "application/json", headers={"if-match": f'"{revision}"'}).status_code == 200


def publish(client: Client) -> None:
    revision = client.get(BRAND).json()["revision"]
    assert client.post(f"{BRAND}publication/", headers={"if-match": f'"{revision}"'}).status_code == 200


def boot(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', page, re.S)
    assert found is not None
    return dict(json.loads(found.group(1)))


def visitor(organization: Any) -> Client:
    return Client(headers={"host": organization.host})


def test_the_theme_stands_in_the_page_under_its_nonce(acme: Any, alice: Any) -> None:
    save(alice.client(), name="Acme <Academy>", welcome_text='Say "hello"')
    publish(alice.client())

    answer = visitor(acme).get("/login")
    page = answer.content.decode()

    nonce = re.search(r"'nonce-([^']+)'", answer["Content-Security-Policy"])
    style = re.search(r'<style nonce="([^"]+)">(.*?)</style>', page, re.S)
    assert nonce
    assert style
    assert nonce.group(1) == style.group(1)
    assert "--brand-solid:#0b5d3b" in style.group(2)
    assert "font-family:'Lora Variable'" in style.group(2)
    assert '<link rel="preload" href="/assets/lora-1.woff2" as="font" type="font/woff2" crossorigin>' in page
    assert "lora-2" in style.group(2), "letters beyond Latin are fetched when a page has them"
    assert page.index("<style nonce") < page.index('type="module"')
    assert "<title>Acme &lt;Academy&gt;</title>" in page
    assert 'content="Say &quot;hello&quot;"' in page
    assert boot(page)["brand"]["name"] == "Acme <Academy>"


def test_only_the_chosen_face_is_told_of(acme: Any, alice: Any) -> None:
    save(alice.client(), heading_font="onest")
    publish(alice.client())

    assert ".woff2" not in visitor(acme).get("/").content.decode()


def test_the_studio_is_ours_and_keeps_the_brand_for_marks(acme: Any, alice: Any) -> None:
    save(alice.client())
    publish(alice.client())

    page = alice.client().get("/studio").content.decode()

    assert "<style" not in page
    assert 'data-brand="ink"' in page
    assert "--brand-solid:#0b5d3b" in boot(page)["brand"]["theme_css"]


def test_a_draft_is_previewed_by_those_who_may_see_it(acme: Any, alice: Any, leo: Any) -> None:
    save(alice.client())
    asked = "/login?brand=draft&scheme=dark"

    page = alice.client().get(asked)

    assert "--brand-solid:#0b5d3b" in page.content.decode()
    assert 'data-scheme="dark"' in page.content.decode()
    assert boot(page.content.decode())["me"] is None, "the sign-in page as a visitor sees it"
    assert page["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in page["Content-Security-Policy"]
    for client in (leo.client(), visitor(acme)):
        other = client.get(asked)
        assert "--brand-solid:#0b5d3b" not in other.content.decode()
        assert other["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
        assert "data-scheme" not in other.content.decode()


def test_attack_94_a_page_is_framed_by_nobody(acme: Any, alice: Any) -> None:
    for path in ("/login", "/studio", "/login?brand=published"):
        page = alice.client().get(path)
        assert page["X-Frame-Options"] == "DENY", path
        assert "frame-ancestors 'none'" in page["Content-Security-Policy"], path


def test_the_preview_of_a_mail_runs_nothing(acme: Any, alice: Any) -> None:
    page = alice.client().get(f"{BRAND}mail/page/")

    assert page["Content-Type"].startswith("text/html")
    assert "sandbox" in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]


def test_a_phone_keeps_the_organization_as_an_app(acme: Any, alice: Any) -> None:
    save(alice.client(), name="Acme Academy")
    publish(alice.client())

    told = visitor(acme).get("/manifest.webmanifest")

    assert told["Content-Type"] == "application/manifest+json"
    assert (told.json()["name"], told.json()["start_url"]) == ("Acme Academy", "/home")
    assert told.json()["icons"][0]["src"].startswith("data:image/svg+xml")
    assert visitor(acme).get("/favicon.ico").status_code == 204


def test_an_icon_of_a_letter_holds_no_markup(acme: Any) -> None:
    import base64
    from dataclasses import replace

    look = branding.look()
    odd = replace(look, brand=replace(look.brand, name="<script>"))

    svg = base64.b64decode(dress.letter_icon(odd).partition(",")[2]).decode()

    assert ">&lt;</text>" in svg


def test_a_page_that_stands_alone_wears_the_look(acme: Any, monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("config.shell.render", broken)
    monkeypatch.setattr("apps.branding.api.look_from_outside", lambda _: branding.look())
    client = Client(headers={"host": acme.host}, raise_request_exception=False)

    page = client.get("/").content.decode()

    assert f"--brand-solid:{branding.look().solved['light']['brand-solid']}" in page
    assert "@media(prefers-color-scheme:dark)" in page
    assert acme.name in page
