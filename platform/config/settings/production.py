"""Behind TLS, on managed services."""

from config.logs import configure
from config.settings.base import *

configure(level="INFO")

SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
