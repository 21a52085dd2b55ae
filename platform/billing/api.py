"""What other packages may use of billing."""

from billing.meters import STORAGE_BYTES
from billing.selectors import usage
from billing.services import add, commit, open_quotas, release, reserve, set_limit

__all__ = ["STORAGE_BYTES", "add", "commit", "open_quotas", "release", "reserve", "set_limit", "usage"]
