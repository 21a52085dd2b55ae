"""The middleware and the environment: what browsers are told, and what a deployment may not start with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from pydantic import ValidationError

from config.env import Env


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
