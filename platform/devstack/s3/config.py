"""What the store is told by the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


class ConfigError(Exception):
    """A setting is missing or makes no sense; the message names it."""


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the embedded store."""

    access_key: str
    secret_key: str
    bucket: str
    region: str
    host: str
    port: int
    data_dir: Path
    public_scheme: str
    public_port: int
    site_host: str
    tenant_suffix: str
    # Single labels below the tenant suffix that are not organizations.
    other_hosts: frozenset[str]
    durable: bool = False


def from_env(env: Mapping[str, str] | None = None) -> Config:
    """Read the store's settings.

    Raises:
        ConfigError: ``LMS_S3_URL`` is missing or is not ``http://KEY:SECRET@host:port/bucket``.
    """
    env = os.environ if env is None else env
    url = urlsplit(env.get("LMS_S3_URL", ""))
    bucket = url.path.strip("/")
    if not (url.username and url.password and url.hostname and bucket):
        raise ConfigError("LMS_S3_URL must be http://KEY:SECRET@host:port/bucket?region=us-east-1")
    public_port = int(env.get("LMS_PORT", "8000"))
    own = int(env.get("LMS_S3_PORT") or url.port or public_port + 3)
    host, _, port = (env.get("LMS_LISTEN") or f"127.0.0.1:{own}").rpartition(":")
    site = env.get("LMS_SITE_HOST", "lms.localhost").lower()
    suffix = env.get("LMS_TENANT_SUFFIX", site).lower()
    others = {
        site,
        env.get("LMS_STAFF_HOST", f"staff.{site}").lower(),
        env.get("LMS_CONTENT_SUFFIX", f"content.{site}").lower(),
        f"mail.{site}",
        f"s3.{site}",
    }
    return Config(
        access_key=unquote(url.username),
        secret_key=unquote(url.password),
        bucket=bucket,
        region=parse_qs(url.query).get("region", ["us-east-1"])[0],
        host=host,
        port=int(port),
        data_dir=Path(env.get("LMS_DATA_DIR", ".local")),
        public_scheme=env.get("LMS_PUBLIC_SCHEME", "http"),
        public_port=public_port,
        site_host=site,
        tenant_suffix=suffix,
        other_hosts=frozenset(others),
        durable=env.get("LMS_S3_DURABLE", "") == "1",
    )
