"""Behind TLS, on managed services."""

from config.logs import configure
from config.settings.base import *
from core.headers import HSTS_SECONDS

configure()

# Whatever the environment says: no tracebacks for strangers, no demo mailbox.
DEBUG = False
EMBEDDED = False

SECURE_HSTS_SECONDS = HSTS_SECONDS
# What Django's own middleware would write, config.headers does, for each surface its own.
SILENCED_SYSTEM_CHECKS += ["security.W001", "security.W002"]
# The front door and the load balancer redirect to TLS; behind them there is none.
SILENCED_SYSTEM_CHECKS += ["security.W008"]
# config.headers writes the header: with its subdomains on our own domains, without on a customer's.
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True
