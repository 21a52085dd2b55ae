"""Behind TLS, on managed services."""

from config.settings.base import *

from config.logs import configure

configure(level="INFO")

SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
