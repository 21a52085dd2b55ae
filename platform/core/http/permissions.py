"""The two permissions that are not in any role: everyone, and every member."""

from __future__ import annotations

PUBLIC = "public"
SIGNED_IN = "self"
