"""The middleware and the environment: what browsers are told, and what a deployment may not start with."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, RequestFactory
from pydantic import ValidationError

from config.env import Env
from core.http.client import client_ip


@pytest.mark.parametrize(
    ("name", "value"),
    [("secret_key", "short"), ("kek", "AAAA"), ("kek", "no base64!"), ("public_scheme", "ftp")],
)
def test_a_deployment_does_not_start_with_what_would_fail_later(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        Env(**{name: value})
    assert [error["loc"] for error in refusal.value.errors()] in ([(name,)], [(f"LMS_{name}".upper(),)])


def test_an_encoder_elsewhere_is_known_by_role_queue_and_events() -> None:
    given = {"mediaconvert_role": "arn:role", "mediaconvert_queue": "arn:queue", "mediaconvert_events": "https://sqs"}
    assert Env(transcoder="mediaconvert", **given).transcoder == "mediaconvert"  # type: ignore[arg-type]
    for name in given:
        with pytest.raises(ValidationError, match=f"LMS_{name.upper()}"):
            Env(transcoder="mediaconvert", **{**given, name: ""})  # type: ignore[arg-type]
    assert Env().transcoder == "local"


@pytest.mark.parametrize(
    ("seconds", "host", "header"),
    [
        (0, "site", None),
        (60, "site", "max-age=60; includeSubDomains; preload"),
        (60, "acme.lms.localhost", "max-age=60; includeSubDomains; preload"),
        # What else lies below a customer's domain is theirs, and may not speak TLS.
        (60, "learn.example.org", "max-age=60"),
    ],
)
def test_browsers_are_told_to_stay_on_https_where_settings_say_so(
    db: None, settings: Any, seconds: int, host: str, header: str | None
) -> None:
    settings.SECURE_HSTS_SECONDS = seconds
    answer = Client().get("/livez", headers={"host": settings.SITE_HOST if host == "site" else host})
    assert answer.get("Strict-Transport-Security") == header


@pytest.mark.parametrize(
    ("proxies", "peer", "headers", "address"),
    [
        (0, "127.0.0.1", {"x-real-ip": "203.0.113.7"}, "203.0.113.7"),
        (0, "198.51.100.4", {"x-real-ip": "203.0.113.7"}, "198.51.100.4"),  # a stranger says so
        (0, "127.0.0.1", {"x-forwarded-for": "203.0.113.7"}, "127.0.0.1"),
        (1, "10.0.0.9", {"x-forwarded-for": "6.6.6.6, 203.0.113.7"}, "203.0.113.7"),
        (2, "10.0.0.9", {"x-forwarded-for": "6.6.6.6, 203.0.113.7, 10.0.0.3"}, "203.0.113.7"),
        (2, "10.0.0.9", {"x-forwarded-for": "6.6.6.6", "x-real-ip": "7.7.7.7"}, "10.0.0.9"),  # not through both
        (1, "10.0.0.9", {"x-forwarded-for": "no address"}, "10.0.0.9"),
    ],
)
def test_attack_87_nobody_chooses_the_address_that_limits_count_by(
    settings: Any, proxies: int, peer: str, headers: dict[str, str], address: str
) -> None:
    settings.PROXY_HOPS = proxies
    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR=peer)
    assert client_ip(request) == address
