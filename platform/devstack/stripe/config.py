"""Settings of the local Stripe, from the environment of the stack."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devstack import ports


class ConfigError(Exception):
    """It cannot run with these settings."""


@dataclass(frozen=True)
class Config:
    """Where it listens, what it is called with, and whom it tells."""

    data_dir: Path
    port: int
    secret_key: str
    webhook_secret: str
    webhook_url: str
    site_url: str
    frozen_at: int | None = None
    """Where set, the clock begins at this moment and stands until it is turned: for tests."""
    twice: bool = True
    """Whether some events are delivered twice on purpose."""

    @property
    def public_url(self) -> str:
        return f"http://{ports.HOST}:{self.port}"


def from_environ(environ: Mapping[str, str] = os.environ) -> Config:
    """Read them.

    Raises:
        ConfigError: one is missing, or is a key that only Stripe itself may be given.
    """
    if environ.get("LMS_EMBEDDED") != "1":
        raise ConfigError("The local Stripe belongs to the embedded default and refuses to run outside it.")
    key, secret = environ.get("LMS_STRIPE_SECRET_KEY", ""), environ.get("LMS_STRIPE_WEBHOOK_SECRET", "")
    if not key.startswith("sk_test_"):
        raise ConfigError("LMS_STRIPE_SECRET_KEY has to begin with sk_test_: this server takes no other.")
    scheme, host = environ.get("LMS_PUBLIC_SCHEME", "http"), environ.get("LMS_SITE_HOST", "lms.localhost")
    front = environ.get("LMS_PORT", "8000")
    site = f"{scheme}://{host}:{front}"
    frozen = environ.get("LMS_STRIPE_FROZEN_AT", "")
    return Config(
        data_dir=Path(environ.get("LMS_DATA_DIR", ".local")),
        port=int(environ.get("LMS_STRIPE_PORT", "8015")),
        secret_key=key,
        webhook_secret=secret,
        webhook_url=environ.get("LMS_STRIPE_WEBHOOK_URL")
        or (f"http://{host}:{front}/api/v1/webhooks/stripe/" if secret else ""),
        site_url=site,
        frozen_at=int(frozen) if frozen else None,
        twice=environ.get("LMS_STRIPE_TWICE", "1") != "0",
    )
