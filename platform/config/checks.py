"""Checks of a deployment: what must not stand in front of strangers is refused by ``manage.py check --deploy``.

What breaks isolation is refused everywhere (``tenancy.checks``); these hold only where the product is on a network.
Each has a case that fails in ``config/tests/test_checks.py``.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from config.env import key_is_weak

_YEAR_SECONDS = 31_536_000
_EVERYBODY = ("0.0.0.0/0", "::/0")

Finding = tuple[str, str, str]  # id, what is wrong, what to do


@register(Tags.security, deploy=True)
def deployment_is_closed(**_: Any) -> list[CheckMessage]:
    """Every finding about keys, hosts, cookies, transport, queues and what is only for one machine."""
    return [Error(what, hint=hint, id=f"config.{name}") for rule in _RULES for name, what, hint in rule()]


@register(Tags.security, deploy=True)
def somebody_can_be_told(**_: Any) -> list[CheckMessage]:
    """Whoever finds a hole must find somebody to tell."""
    if settings.SECURITY_CONTACT.startswith(("mailto:", "https://")):
        return []
    hint = "Set LMS_SECURITY_CONTACT to mailto:… or https://…"
    return [Warning("There is no /.well-known/security.txt.", hint=hint, id="config.W001")]


def _keys() -> Iterator[Finding]:
    if why := key_is_weak(settings.SECRET_KEY):
        yield "E001", f"LMS_SECRET_KEY cannot be used: {why}.", "openssl rand -base64 64"
    kek, key = base64.b64decode(settings.KEK), settings.SECRET_KEY.encode()
    if len(set(kek)) < 8:
        yield "E002", "LMS_KEK is no random key.", "openssl rand -base64 32"
    for text in settings.KEK_PREVIOUS:
        if text == settings.KEK:
            yield "E004", "LMS_KEK_PREVIOUS holds LMS_KEK itself.", "It is for the keys before it, or the one to come."
        if len(set(base64.b64decode(text))) < 8:
            yield "E005", "LMS_KEK_PREVIOUS holds what is no random key.", "Whoever guesses it forges what it sealed."
    if settings.KEK in settings.SECRET_KEY or kek in (key[:32], key[-32:]):
        yield "E003", "LMS_KEK and LMS_SECRET_KEY are the same secret.", "One opens what the other must not: make two."


def _hosts() -> Iterator[Finding]:
    own = {
        "LMS_SITE_HOST": settings.SITE_HOST,
        "LMS_TENANT_SUFFIX": settings.TENANT_SUFFIX,
        "LMS_STAFF_HOST": settings.STAFF_HOST,
        "LMS_CONTENT_SUFFIX": settings.CONTENT_SUFFIX,
    }
    for name, host in own.items():
        if host == "localhost" or host.endswith((".localhost", ".local", ".test", ".example", ".invalid")):
            yield "E010", f"{name} is {host}, which is nobody's in the world.", "Set it to a domain of yours."
    content, applications = settings.CONTENT_SUFFIX, (settings.TENANT_SUFFIX, settings.SITE_HOST, settings.STAFF_HOST)
    advice = "Set LMS_CONTENT_SUFFIX to a registrable domain of its own."
    if any(_is_below(host, content) for host in applications):
        yield "E011", "LMS_CONTENT_SUFFIX covers hosts of the application.", advice
    elif any(_is_below(content, host) for host in applications):
        yield "E012", "User-made content lies below the application's domain: to browsers it is the same site.", advice
    if settings.USE_X_FORWARDED_HOST or getattr(settings, "USE_X_FORWARDED_PORT", False):
        yield "E013", "A header of the client chooses the organization.", "USE_X_FORWARDED_HOST and _PORT must be off."
    for network in settings.INTERNAL_NETWORKS:
        found = ip_network(network, strict=False)
        if str(found) in _EVERYBODY or found.is_global:
            yield "E014", f"LMS_INTERNAL_NETWORKS holds {network}: strangers.", "Name the front door's network only."


def _is_below(host: str, above: str) -> bool:
    return host == above or host.endswith(f".{above}")


def _cookies() -> Iterator[Finding]:
    for name in ("SESSION", "CSRF"):
        if not getattr(settings, f"{name}_COOKIE_NAME").startswith("__Host-"):
            yield "E020", f"{name}_COOKIE_NAME has no __Host- prefix.", "A sibling could set it."
        if getattr(settings, f"{name}_COOKIE_DOMAIN"):
            yield "E021", f"{name}_COOKIE_DOMAIN is set.", "Siblings would read the cookie."
        if not (getattr(settings, f"{name}_COOKIE_SECURE") and getattr(settings, f"{name}_COOKIE_HTTPONLY")):
            yield "E022", f"The {name} cookie is not Secure and HttpOnly.", "Both belong to it."
        if getattr(settings, f"{name}_COOKIE_SAMESITE") not in ("Lax", "Strict"):
            yield "E023", f"The {name} cookie has no SameSite.", "Lax is the least."
    if settings.CSRF_TRUSTED_ORIGINS:
        yield "E024", "CSRF_TRUSTED_ORIGINS is not empty.", "Every host trusts itself only."


def _transport() -> Iterator[Finding]:
    if settings.PUBLIC_SCHEME != "https":
        yield "E030", "LMS_PUBLIC_SCHEME is not https.", "Sessions would travel in the clear."
    if settings.SECURE_HSTS_SECONDS < _YEAR_SECONDS:
        yield "E031", "HSTS lasts less than a year.", "Use config.settings.production."
    store = urlsplit(settings.S3_PUBLIC_URL)
    if store.scheme != "https":
        yield "E032", "Browsers upload to the object store without TLS.", "LMS_S3_PUBLIC_URL must be https://…"
    if settings.STRIPE_API_URL:
        yield (
            "E033",
            "LMS_STRIPE_API_URL stands in Stripe's place.",
            "Only the embedded default has a Stripe of its own.",
        )
    if bool(settings.STRIPE_SECRET_KEY) != bool(settings.STRIPE_WEBHOOK_SECRET):
        yield "E034", "Stripe has a key without a webhook secret, or the reverse.", "Set both, or neither."


def _queues() -> Iterator[Finding]:
    if settings.CELERY_TASK_SERIALIZER != "json" or list(settings.CELERY_ACCEPT_CONTENT) != ["json"]:
        yield "E040", "Celery takes more than JSON.", "A pickled message is code that a worker runs."
    if settings.CACHES["default"].get("KEY_FUNCTION") != "tenancy.cache.make_key":
        yield "E041", "Cache keys do not name their organization.", "KEY_FUNCTION must be tenancy.cache.make_key."
    if urlsplit(settings.REDIS_URL).password in (None, ""):
        yield "E042", "Redis asks for no password.", "LMS_REDIS_URL needs one: who may write there sends tasks."


def _machine() -> Iterator[Finding]:
    if settings.DEBUG:
        yield "E050", "DEBUG is on.", "Strangers would read tracebacks and settings."
    if settings.EMBEDDED:
        yield "E051", "The embedded default runs: demo people and a mailbox without a lock.", "Set LMS_EMBEDDED=false."
    if settings.PASSWORD_HASHERS[0] != "django.contrib.auth.hashers.Argon2PasswordHasher":
        yield "E052", "Passwords are not kept with Argon2.", "Use config.settings.production."
    if settings.DATABASES["default"]["PASSWORD"] in ("", "postgres", "lms", "password"):
        yield "E053", "The database login has no password, or one that everybody tries first.", "Set LMS_DATABASE_URL."
    if settings.DATABASES["default"]["USER"] in ("postgres", "root", "rdsadmin"):
        yield (
            "E054",
            "The application is the database's superuser: no role would hold it.",
            "LMS_DATABASE_URL is lms_app's.",
        )


_RULES: tuple[Callable[[], Iterator[Finding]], ...] = (_keys, _hosts, _cookies, _transport, _queues, _machine)
