"""Passwords and keys of the embedded default: made on the first start, kept under the data dir, mode 0600."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path


class CredentialsUnreadable(Exception):
    """The file of secrets is there and cannot be used."""


@dataclass(frozen=True)
class Credentials:
    """All secrets of one data dir. A copy of the data is worth nothing without them, and the other way round."""

    pg_superuser: str
    pg_owner: str
    pg_app: str
    pg_edge: str
    redis: str
    s3_key: str
    s3_secret: str
    secret_key: str
    kek: str
    """Key-encryption key: 32 bytes, base64. It seals the signing keys of the organizations."""
    stripe_key: str
    stripe_webhook: str
    """With it the local Stripe signs its events."""

    @classmethod
    def load(cls, data_dir: Path) -> Credentials:
        """Read the secrets of this data dir; make those that are not there yet.

        Raises:
            CredentialsUnreadable: the file is damaged, or belongs to somebody else.
        """
        path = data_dir / "secrets" / "credentials.json"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            known = json.loads(path.read_text()) if path.exists() else {}
        except (OSError, ValueError) as error:
            raise CredentialsUnreadable(f"{path} cannot be read: {error}") from error
        credentials = cls(**{name: known.get(name) or make() for name, make in _MAKERS.items()})
        if asdict(credentials) != known:
            _write_private(path, json.dumps(asdict(credentials), indent=1))
        return credentials


def _password() -> str:
    return secrets.token_urlsafe(24)


_MAKERS: dict[str, Callable[[], str]] = {
    "pg_superuser": _password,
    "pg_owner": _password,
    "pg_app": _password,
    "pg_edge": _password,
    "redis": _password,
    "s3_key": lambda: "LMS" + secrets.token_hex(8).upper(),
    "s3_secret": lambda: secrets.token_hex(20),
    "secret_key": lambda: secrets.token_urlsafe(48),
    "kek": lambda: base64.b64encode(secrets.token_bytes(32)).decode(),
    "stripe_key": lambda: "sk_test_" + secrets.token_hex(24),
    "stripe_webhook": lambda: "whsec_" + secrets.token_hex(24),
}


def _write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only from its first byte on."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
