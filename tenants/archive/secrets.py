"""Which columns an archive holds only sealed, and which tables it leaves out.

Our own models say it themselves (``sealed``, ``not_archived``). Here stand the tables that libraries bring along.
"""

from __future__ import annotations

from django.apps import apps

from tenancy.models import TenantModel

# Seeds of one-time passwords, passkeys and recovery codes: whoever reads them signs in.
LIBRARY_SEALED: dict[str, tuple[str, ...]] = {"mfa_authenticator": ("data",)}
LIBRARY_NOT_ARCHIVED: dict[str, str] = {
    "account_emailconfirmation": "links that confirm an address for a few days",
    "django_session": "who is signed in where: after a restore everybody signs in again",
    "usersessions_usersession": "who is signed in where: after a restore everybody signs in again",
}


def sealed() -> dict[str, tuple[str, ...]]:
    """Return the columns that are sealed, by table."""
    return {**LIBRARY_SEALED, **{model._meta.db_table: model.sealed for model in _models() if model.sealed}}


def not_archived() -> dict[str, str]:
    """Return the tables whose rows no archive holds, and why."""
    return {
        **LIBRARY_NOT_ARCHIVED,
        **{model._meta.db_table: model.not_archived for model in _models() if model.not_archived},
    }


def _models() -> list[type[TenantModel]]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]
