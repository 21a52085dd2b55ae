"""How tries to sign in end, counted: who tries is in the audit, not in a figure."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_login_failed

from core.telemetry import metrics


def connect() -> None:
    """Count from now on."""
    user_logged_in.connect(_succeeded, weak=False)
    user_login_failed.connect(_failed, weak=False)


def _succeeded(**_: Any) -> None:
    metrics.SIGN_INS.labels("tenant", "succeeded", "").inc()


def _failed(**_: Any) -> None:
    metrics.SIGN_INS.labels("tenant", "failed", "password").inc()
