"""Signed tokens of one organization: minted for it, worth nothing in another."""

from __future__ import annotations

from typing import Any

from django.core import signing as django_signing  # noqa: TID251 - the one place that may

from tenancy import binding

BadToken = django_signing.BadSignature


def dumps(value: Any, *, purpose: str) -> str:
    """Return ``value`` (JSON) signed for the bound organization and this purpose, with the time."""
    return django_signing.dumps(value, salt=_salt(purpose), compress=True)


def loads(token: str, *, purpose: str, max_age_seconds: int) -> Any:
    """Return what :func:`dumps` signed.

    Raises:
        BadToken: forged, of another organization or purpose, or older than ``max_age_seconds``.
    """
    return django_signing.loads(token, salt=_salt(purpose), max_age=max_age_seconds)


def _salt(purpose: str) -> str:
    tenant = binding.target().tenant
    return f"lms:{tenant.id if tenant else 'platform'}:{purpose}"
