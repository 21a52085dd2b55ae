"""For pytest and the type checker. A stack that tests start gives its own environment; see the root conftest."""

from __future__ import annotations

import os
import secrets

_STANDINS = {
    # Never opened: tests replace them before Django starts; mypy only needs names.
    "LMS_SECRET_KEY": secrets.token_urlsafe(64),
    "LMS_KEK": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    "LMS_DATABASE_URL": "postgresql://lms_app@127.0.0.1:1/lms",
    "LMS_REDIS_URL": "redis://127.0.0.1:1/0",
    "LMS_S3_URL": "http://key:secret@127.0.0.1:1/lms-media",
}
# A resolver that is not there: tests that ask DNS bring one of their own.
os.environ["LMS_DNS_SERVER"] = "127.0.0.1:1"
for _name, _value in _STANDINS.items():
    os.environ.setdefault(_name, _value)

from config.settings.base import *  # noqa: E402
from core.rates import Rate  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, Rate(1_000_000, 1))
SIGN_UP_LIMITS = {"ip": 10_000, "email": 10_000, "all": 10_000, "mail": 10_000}
# A Redis that is there is not away because a machine that runs tests is busy for a moment.
CACHES["default"]["OPTIONS"] = {"socket_timeout": 30, "socket_connect_timeout": 30}
