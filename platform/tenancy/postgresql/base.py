"""A thin backend over django-tenants': the connection follows the binding, or there is no cursor.

One message sets ``search_path`` and ``ROLE`` and, for an organization, reads its schema's stamp. Anything unexpected
raises: django-tenants' own switch swallows errors and falls through to public.
"""

from __future__ import annotations

import logging
import random
from typing import Any
from uuid import UUID

import psycopg2
from django.conf import settings
from django.db.backends.utils import CursorWrapper
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property
from django_tenants.postgresql_backend import base as tenants_base

from core.telemetry import metrics
from tenancy import binding, catalog
from tenancy.errors import MOVING_SQLSTATE, OrganizationMoving, TenantUnavailable

_log = logging.getLogger(__name__)

AGE_JITTER = 0.25  # of the age at which a connection is renewed: those opened together do not all go together

_REFUSALS = (
    psycopg2.errors.InsufficientPrivilege,
    psycopg2.errors.UndefinedTable,
    # The role is gone: PostgreSQL calls a setting's value invalid.
    psycopg2.errors.UndefinedObject,
    psycopg2.errors.InvalidParameterValue,
)


class WrongSchema(RuntimeError):
    """The schema's stamp names another organization than the one that is bound."""


class _Errors(DatabaseErrorWrapper):
    """Django's, but for one: what the wall around a moving organization refuses is a refusal, not an error."""

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if isinstance(error, psycopg2.Error) and error.pgcode == MOVING_SQLSTATE:
            raise OrganizationMoving from error
        super().__exit__(kind, error, traceback)


class DatabaseWrapper(tenants_base.DatabaseWrapper):
    """Unbound, platform or tenant: never anything else, and never by accident.

    A backend of PostgreSQL keeps what it learned of every schema it ever worked in, 0.6 to 2 MB each, until it ends. So
    a connection is given up by age, and after ``settings.CONNECTION_TENANTS`` organizations (0: by age alone).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._applied: binding.Target | None = None
        self._known_tenants: set[UUID] = set()
        # What the stamp of the schema said when the connection was switched to it.
        self._frozen = False
        super().__init__(*args, **kwargs)

    @cached_property
    def wrap_database_errors(self) -> _Errors:
        return _Errors(self)

    def connect(self) -> None:
        super().connect()
        self._known_tenants.clear()
        if self.close_at is not None:
            max_age = self.settings_dict["CONN_MAX_AGE"]
            self.close_at -= max_age * AGE_JITTER * random.random()  # noqa: S311 - spreads load, guards nothing

    # -- what a cursor sees -------------------------------------------------------------------------------------

    def _handle_search_path(self, cursor: CursorWrapper | None = None) -> None:
        wanted = binding.target()
        # django-tenants' introspection and migration router ask for the schema's name.
        self.schema_name = wanted.search_path[0]
        if self._applied == wanted:
            return
        self._applied = None
        if wanted.tenant:
            self._known_tenants.add(wanted.tenant.id)
        # A cursor of our own: a server-side cursor can carry one statement only, and query counts stay the view's. Past
        # Django's cursor its errors have to be made Django's here: a server that has just gone is an outage (503).
        with self.wrap_database_errors, self.connection.cursor() as own:
            try:
                own.execute(_switch_message(wanted))
                stamp = own.fetchone() if wanted.tenant else None
            except _REFUSALS as refused:
                catalog.forget_all()  # whatever said that this organization may be bound is out of date
                _log.warning("tenancy.refused", extra={"reason": str(refused)})
                raise TenantUnavailable from refused
        if wanted.tenant and (stamp is None or str(stamp[0]) != str(wanted.tenant.id)):
            self.close()
            raise WrongSchema(f"{wanted.tenant.schema_name} is not stamped for {wanted.tenant.id}")
        self._frozen = stamp is not None and stamp[1] is not None
        self._applied = wanted

    def is_frozen(self) -> bool:
        """Return what the stamp of the bound schema said; the switch that reads it is made where it has not been."""
        with self.cursor():
            return self._frozen

    # -- what ends a state --------------------------------------------------------------------------------------

    def close(self) -> None:
        self._applied = None
        super().close()

    def rollback(self) -> None:
        # SET and SET ROLE are undone by the rollback of the transaction that sent them.
        self._applied = None
        super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        try:
            super().savepoint_rollback(sid)
        finally:
            self._applied = None

    def unbind(self) -> None:
        """Leave the physical session without role and path, so that nothing outside the wrapper inherits a tenant.

        One that knows enough organizations is closed: the next binding opens another.
        """
        self._applied = None
        if self.connection is None or self.in_atomic_block:
            return
        metrics.KNOWN_ORGANIZATIONS.set(len(self._known_tenants))
        if 0 < settings.CONNECTION_TENANTS <= len(self._known_tenants):
            metrics.CONNECTIONS_RENEWED.inc()
            self.close()
            return
        try:
            with self.connection.cursor() as own:
                own.execute("RESET ROLE; SET search_path = ''")
        except psycopg2.Error:
            self.close()


def _switch_message(wanted: binding.Target) -> str:
    """Return the one message; every name was made by us and is quoted all the same."""
    path = ", ".join(_quoted(name) for name in wanted.search_path)
    role = f"SET ROLE {_quoted(wanted.role)}" if wanted.role else "RESET ROLE"
    message = f"SET search_path = {path}; {role}"
    if wanted.tenant:
        # The stamp of an older release of the schema has no frozen_at: asked as JSON, it is absent instead of an error.
        table = f"{_quoted(wanted.tenant.schema_name)}._tenant"
        message += f"; SELECT organization_id, to_jsonb(stamp)->>'frozen_at' FROM {table} stamp"  # noqa: S608 - quoted
    return message


def _quoted(name: str) -> str:
    if '"' in name or "\x00" in name:
        raise ValueError(f"not a name: {name!r}")
    return f'"{name}"'
