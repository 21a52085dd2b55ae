"""What OWASP ASVS asks for and no test of a feature says: the sheet in docs/security names these."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.test import Client

from apps.branding.imaging import limits as pictures
from apps.library import captions
from core.ids import new_salt, new_secret
from media.services import uploads
from media.transcoding import probe
from tests.architecture.tree import ROOT

FRONTEND = ROOT / "frontend" / "src"


@pytest.mark.parametrize("typed", ["%", "_", "l%o", ".*", "le.", "(", "[a-z]+", "\\", "leo' OR '1'='1"])
def test_what_is_searched_for_is_text_and_no_expression(alice: Any, leo: Any, typed: str) -> None:
    client = alice.client()
    assert [one["name"] for one in client.get("/api/v1/members/", {"q": "leo l"}).json()["items"]] == [leo.name]
    answer = client.get("/api/v1/members/", {"q": typed})
    assert answer.status_code == 200
    # A point, an underscore or a bracket finds whoever has one; none of them means "any".
    assert all(typed.lower() in f"{one['name']} {one.get('email')}".lower() for one in answer.json()["items"])


def test_every_password_field_says_what_it_is_for_and_hinders_no_manager() -> None:
    fields = 0
    for path in FRONTEND.rglob("*.tsx"):
        text = path.read_text()
        for field in re.findall(r"<PasswordInput\b.*?/>", text, re.S):
            fields += 1
            assert re.search(r'autoComplete="(current|new)-password"', field), path
            assert not re.search(r"onPaste|onCopy|onCut|preventDefault|readOnly", field), path
        assert 'type="password"' not in text, f"{path}: use PasswordInput"
    own = (FRONTEND / "ui" / "password-input.tsx").read_text()
    assert not re.search(r"onPaste|onCopy|onCut|preventDefault|autoComplete=\"off\"", own)
    assert fields >= 8


def test_a_sessions_key_has_more_than_128_bits_and_is_another_each_time(leo: Any) -> None:
    found = {leo.client().cookies["__Host-session"].value for _ in range(4)}
    assert len(found) == 4
    # Letters and digits of the system's generator: 36 ** 32 is more than 2 ** 165.
    assert all(re.fullmatch(r"[a-z0-9]{32}", key) for key in found)


def test_what_links_and_codes_are_made_of_has_128_bits_and_more() -> None:
    secrets = {new_secret() for _ in range(200)}
    assert len(secrets) == 200
    assert all(len(base64.urlsafe_b64decode(secret + "=")) == 32 for secret in secrets)
    assert all(len(bytes.fromhex(new_salt())) == 16 for _ in range(20))


def test_the_page_about_uploads_says_the_limits_that_are_in_force() -> None:
    page = (ROOT / "docs/security/uploads.md").read_text()
    for figure in (
        f"{uploads.LARGEST_BYTES // 1024**3} GB",
        f"{probe.LONGEST_SECONDS // 3600} hours",
        f"{pictures.MAX_BYTES // 1024**2} MB",
        f"{captions.MAX_BYTES // 1_000_000} MB",
    ):
        assert figure in page, figure
    kinds = set(re.findall(r"`\.?([a-z0-9]+)`", page))
    assert {"png", "jpeg", "webp", "svg", "vtt", "mov", "mp4", "mkv", "webm", "mpegts"} <= kinds


def test_a_form_of_another_site_is_no_upload(acme: Any) -> None:
    stranger = Client(headers={"host": acme.host}, raise_request_exception=False)
    assert stranger.post("/api/v1/uploads/", {"name": "x.mp4"}).status_code in (401, 403, 404, 415)
