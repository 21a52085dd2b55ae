"""The meters there are, and what an organization gets of each before it has a plan."""

from __future__ import annotations

STORAGE_BYTES = "storage_bytes"

# The trial's allowance. Plans bring their own.
DEFAULT_LIMITS: dict[str, int | None] = {STORAGE_BYTES: 50 * 1024**3}
