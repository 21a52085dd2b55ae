"""The middleware and the environment: what logs may hold, and what a deployment may not start with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pydantic import ValidationError

from config.env import Env
from config.middleware import without_secrets


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/api/v1/sign-ups/dGhpcyBpcyBhIHNlY3JldCBvZiBvdXJz/code/", "/api/v1/sign-ups/*/code/"),
        ("/password/reset/abc-0123456789abcdef0123456789", "/password/reset/*"),
        ("/api/v1/courses/019abcde-0000-7000-8000-000000000000/draft/",) * 2,
        ("/studio",) * 2,
    ],
)
def test_logs_hold_no_token_of_a_path(path: str, kept: str) -> None:
    assert without_secrets(path) == kept


@pytest.mark.parametrize(
    ("name", "value"),
    [("secret_key", "short"), ("kek", "AAAA"), ("kek", "no base64!"), ("public_scheme", "ftp")],
)
def test_a_deployment_does_not_start_with_what_would_fail_later(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Env(**{name: value})
    assert [error["loc"] for error in refusal.value.errors()] in ([(name,)], [(f"LMS_{name}".upper(),)])


@pytest.mark.parametrize(("seconds", "header"), [(0, None), (60, "max-age=60; includeSubDomains")])
def test_browsers_are_told_to_stay_on_https_where_settings_say_so(
    db: None, settings: Any, seconds: int, header: str | None
) -> None:
    settings.SECURE_HSTS_SECONDS = seconds
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    answer = Client().get("/livez", headers={"host": settings.SITE_HOST})
    assert answer.get("Strict-Transport-Security") == header
