"""django-tenants as it comes: its own backend with the owning login, for what ``migrate_schemas`` costs."""

from __future__ import annotations

from config.settings.test import *  # noqa: F403
from config.settings.test import DATABASES

DATABASES["default"] = DATABASES["default"] | {"ENGINE": "django_tenants.postgresql_backend"}
