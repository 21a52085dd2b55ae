"""Password-reset tokens of one organization."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.tokens import PasswordResetTokenGenerator

import tenancy


class OrganizationTokenGenerator(PasswordResetTokenGenerator):
    """Django's generator, made for the bound organization: of a copied schema the token is worth nothing.

    It ends with the next sign-in, with a change of password or e-mail, and after ``PASSWORD_RESET_TIMEOUT`` seconds.
    """

    key_salt = "apps.accounts.tokens.OrganizationTokenGenerator"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{tenancy.current().id}:{super()._make_hash_value(user, timestamp)}"
