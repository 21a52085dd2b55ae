"""Behind TLS, on managed services."""

from config.logs import configure
from config.settings.base import *

configure()

# Whatever the environment says: no tracebacks for strangers, no demo mailbox.
DEBUG = False
EMBEDDED = False

SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
