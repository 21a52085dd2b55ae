"""What is counted of an organization: everything that plans bring an amount of."""

from __future__ import annotations

from billing.catalog import BY_KEY, TRIAL
from billing.features import DELIVERED_BYTES, DOMAINS, LIMITS, METERS, SEATS, STORAGE_BYTES, TRANSCODE_SECONDS

__all__ = ["COUNTED", "DELIVERED_BYTES", "DOMAINS", "SEATS", "STORAGE_BYTES", "TRANSCODE_SECONDS", "default_limits"]

COUNTED = (*LIMITS, *METERS)


def default_limits() -> dict[str, int | None]:
    """Return what an organization gets of each meter before anything was bought: the trial's allowance."""
    brings = BY_KEY[TRIAL].newest.brings
    return {meter: brings[meter].value for meter in COUNTED}
