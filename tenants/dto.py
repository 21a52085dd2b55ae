"""Plain data that crosses into other packages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnerDraft:
    """Who signed the organization up; the password is already hashed."""

    name: str
    email: str
    password_hash: str


@dataclass(frozen=True, slots=True)
class RedeemedHandOver:
    """Whom a hand-over code signs in."""

    member_email: str
