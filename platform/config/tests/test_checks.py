"""A deployment that stands open is refused by `check --deploy`, each hole by a check of its own."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from base64 import b64encode
from typing import Any

import pytest
from django.conf import settings
from pydantic import ValidationError

from config import checks
from config.env import Env, key_is_weak
from tests.architecture.tree import ROOT

# Every setting that a deployment must have, as docs/operations lists them.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "LMS_SITE_HOST": "learning-platform.com",
    "LMS_TENANT_SUFFIX": "learning-orgs.com",
    "LMS_STAFF_HOST": "staff.learning-platform.com",
    "LMS_CONTENT_SUFFIX": "learning-content.net",
    "LMS_PUBLIC_SCHEME": "https",
    "LMS_PORT": "443",
    "LMS_PROXY_HOPS": "2",
    "LMS_SECRET_KEY": secrets.token_urlsafe(64),
    "LMS_KEK": b64encode(secrets.token_bytes(32)).decode(),
    "LMS_DATABASE_URL": f"postgresql://lms_app:{secrets.token_hex(16)}@db.internal/lms?sslmode=verify-full",
    "LMS_REDIS_URL": f"rediss://:{secrets.token_hex(16)}@cache.internal:6379/0",
    "LMS_S3_URL": f"https://key:{secrets.token_hex(16)}@s3.eu-central-1.amazonaws.com/lms-media?region=eu-central-1",
    "LMS_SECURITY_CONTACT": "https://learning-platform.com/security",
}


def check(**changed: str) -> subprocess.CompletedProcess[str]:
    """Run the command that a deployment runs, with an environment that is the sample's alone."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("LMS_", "DJANGO_"))}
    command = ("check", "--deploy", "--fail-level=WARNING", "--tag=security", "--tag=tenancy")
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT,
        env={**inherited, **PRODUCTION, **changed},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_the_sample_of_a_production_environment_passes() -> None:
    done = check()
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_command_fails_where_one_check_does() -> None:
    done = check(LMS_PUBLIC_SCHEME="http", LMS_SECURITY_CONTACT="")
    assert done.returncode == 1
    assert "config.E030" in done.stderr
    assert "config.W001" in done.stderr


DEPLOYED: dict[str, Any] = {
    **{name: PRODUCTION[f"LMS_{name}"] for name in ("SITE_HOST", "TENANT_SUFFIX", "STAFF_HOST", "CONTENT_SUFFIX")},
    **{name: PRODUCTION[f"LMS_{name}"] for name in ("SECRET_KEY", "KEK", "REDIS_URL", "SECURITY_CONTACT")},
    "PUBLIC_SCHEME": "https",
    "SECURE_HSTS_SECONDS": 63_072_000,
    "S3_PUBLIC_URL": "https://s3.eu-central-1.amazonaws.com",
    "STRIPE_API_URL": "",
    "STRIPE_SECRET_KEY": "",
    "STRIPE_WEBHOOK_SECRET": "",
    "EMBEDDED": False,
    "DEBUG": False,
    "PASSWORD_HASHERS": ["django.contrib.auth.hashers.Argon2PasswordHasher"],
}


class Deployment:
    """The settings of a deployment: the product's, but for what is named."""

    def __init__(self, **named: Any) -> None:
        self._named = {**DEPLOYED, **named}

    def __getattr__(self, name: str) -> Any:
        return self._named[name] if name in self._named else getattr(settings, name)


def found(monkeypatch: pytest.MonkeyPatch, **named: Any) -> set[str]:
    monkeypatch.setattr(checks, "settings", Deployment(**named))
    return {str(message.id) for message in [*checks.deployment_is_closed(), *checks.somebody_can_be_told()]}


def test_nothing_is_found_where_nothing_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch) == set()


HOLES: list[tuple[str, dict[str, Any]]] = [
    ("config.W001", {"SECURITY_CONTACT": ""}),
    ("config.E001", {"SECRET_KEY": "django-insecure-" + PRODUCTION["LMS_SECRET_KEY"]}),
    ("config.E001", {"SECRET_KEY": "ab" * 40}),
    ("config.E002", {"KEK": b64encode(b"k" * 32).decode()}),
    ("config.E003", {"SECRET_KEY": PRODUCTION["LMS_KEK"] + "-and-some-more-characters"}),
    ("config.E004", {"KEK_PREVIOUS": [PRODUCTION["LMS_KEK"]]}),
    ("config.E005", {"KEK_PREVIOUS": [b64encode(b"k" * 32).decode()]}),
    ("config.E010", {"SITE_HOST": "lms.localhost"}),
    ("config.E011", {"CONTENT_SUFFIX": "learning-orgs.com"}),
    ("config.E011", {"TENANT_SUFFIX": "orgs.learning-content.net"}),
    ("config.E012", {"CONTENT_SUFFIX": "content.learning-orgs.com"}),
    ("config.E013", {"USE_X_FORWARDED_HOST": True}),
    ("config.E014", {"INTERNAL_NETWORKS": ("0.0.0.0/0",)}),
    ("config.E014", {"INTERNAL_NETWORKS": ("::/0",)}),
    ("config.E014", {"INTERNAL_NETWORKS": ("127.0.0.0/8", "8.8.8.0/24")}),
    ("config.E020", {"SESSION_COOKIE_NAME": "sessionid"}),
    ("config.E020", {"CSRF_COOKIE_NAME": "csrftoken"}),
    ("config.E021", {"SESSION_COOKIE_DOMAIN": ".learning-orgs.com"}),
    ("config.E022", {"SESSION_COOKIE_HTTPONLY": False}),
    ("config.E023", {"SESSION_COOKIE_SAMESITE": "None"}),
    ("config.E024", {"CSRF_TRUSTED_ORIGINS": ["https://*.learning-orgs.com"]}),
    ("config.E030", {"PUBLIC_SCHEME": "http"}),
    ("config.E031", {"SECURE_HSTS_SECONDS": 3600}),
    ("config.E032", {"S3_PUBLIC_URL": "http://s3.internal"}),
    ("config.E033", {"STRIPE_API_URL": "http://127.0.0.1:8015"}),
    ("config.E034", {"STRIPE_SECRET_KEY": "sk_test_1"}),
    ("config.E040", {"CELERY_ACCEPT_CONTENT": ["json", "pickle"]}),
    ("config.E040", {"CELERY_TASK_SERIALIZER": "pickle"}),
    ("config.E041", {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}),
    ("config.E042", {"REDIS_URL": "redis://cache.internal:6379/0"}),
    ("config.E050", {"DEBUG": True}),
    ("config.E051", {"EMBEDDED": True}),
    ("config.E052", {"PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"]}),
    ("config.E053", {"DATABASES": {"default": {"USER": "lms_app", "PASSWORD": "lms"}}}),
    ("config.E054", {"DATABASES": {"default": {"USER": "postgres", "PASSWORD": secrets.token_hex(16)}}}),
]


@pytest.mark.parametrize(("finding", "hole"), HOLES, ids=[f"{name}-{'-'.join(hole)}" for name, hole in HOLES])
def test_each_hole_is_found(monkeypatch: pytest.MonkeyPatch, finding: str, hole: dict[str, Any]) -> None:
    assert found(monkeypatch, **hole) == {finding}


@pytest.mark.parametrize(
    "key",
    ["a" * 60, "django-insecure-" + secrets.token_urlsafe(64), "change-me" * 8],
    ids=["one letter", "of a template", "to be changed"],  # the values differ from worker to worker
)
def test_attack_83_nothing_starts_with_a_key_that_anybody_knows(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    assert key_is_weak(key)
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LMS_SECRET_KEY", key)
    with pytest.raises(ValidationError) as refusal:
        Env()  # type: ignore[call-arg]  # values come from the environment
    assert "LMS_SECRET_KEY" in str(refusal.value) or "secret_key" in str(refusal.value)
    assert key not in str(refusal.value)

    monkeypatch.setenv("LMS_SECRET_KEY", PRODUCTION["LMS_SECRET_KEY"])
    assert Env().site_host == PRODUCTION["LMS_SITE_HOST"]  # type: ignore[call-arg]


def _keks(monkeypatch: pytest.MonkeyPatch, kek: str, previous: str) -> tuple[str, ...]:
    for name, value in {**PRODUCTION, "LMS_KEK": kek, "LMS_KEK_PREVIOUS": previous}.items():
        monkeypatch.setenv(name, value)
    return Env().keks  # type: ignore[call-arg]  # values come from the environment


def test_one_key_seals_and_others_open(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two, three = (b64encode(secrets.token_bytes(32)).decode() for _ in range(3))
    assert _keks(monkeypatch, one, "") == (one,)
    assert _keks(monkeypatch, f"{one}, {two}", three) == (one, two, three)
    for kek, previous in (("", one), (one, "short"), (f"{one},{one[:20]}", ""), ("not base64", "")):
        with pytest.raises(ValidationError):
            _keks(monkeypatch, kek, previous)


@pytest.mark.parametrize(
    "wrong",
    [
        {"LMS_KEK": f"{PRODUCTION['LMS_KEK']},short"},
        {"LMS_KEK_PREVIOUS": f"{PRODUCTION['LMS_KEK']},short"},
        {"LMS_SECRET_KEY": PRODUCTION["LMS_SECRET_KEY"][:40]},
        {"LMS_TRANSCODER": "mediaconvert"},
    ],
    ids=lambda wrong: "-".join(wrong),
)
def test_what_is_refused_at_the_start_is_named_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, wrong: dict[str, str]
) -> None:
    """A key with a slip of the hand is nearly that key, and what a process says as it does not start is in its logs."""
    for name, value in {**PRODUCTION, **wrong}.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as refusal:
        Env()  # type: ignore[call-arg]  # values come from the environment
    said = str(refusal.value) + repr(refusal.value)
    assert next(iter(wrong)).removeprefix("LMS_").lower().partition("_")[0] in said.lower()
    for secret in (PRODUCTION["LMS_KEK"], PRODUCTION["LMS_SECRET_KEY"], PRODUCTION["LMS_DATABASE_URL"]):
        assert not any(secret[at : at + 10] in said for at in range(0, len(secret) - 10, 5))
