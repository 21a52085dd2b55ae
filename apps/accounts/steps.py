"""Accounts' part in making an organization."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import tenancy
from apps.accounts.policies import OWNER
from apps.accounts.selectors import has_owner
from apps.accounts.services.members import join
from tenants.api import owner_of


class _Organization(Protocol):
    id: UUID


class CreateOwner:
    """Makes whoever signed the organization up its first member and owner, with the password they chose."""

    name = "owner"
    label = "Setting up your account"

    def is_done(self, organization: _Organization) -> bool:
        """Return whether the organization has an owner."""
        with tenancy.bind(organization.id):
            return has_owner()

    def run(self, organization: _Organization) -> None:
        """Make the owner in one transaction: member, proved address and role are there together or not at all."""
        draft = owner_of(organization.id)
        with tenancy.bind(organization.id):
            if not has_owner():
                join(
                    email=draft.email, name=draft.name, password_hash=draft.password_hash, roles=[OWNER], via="sign_up"
                )

    def undo(self, organization: _Organization) -> None:
        """Leave nothing to do: the rows go with the organization's schema."""
