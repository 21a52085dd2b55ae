"""Binding: which organization, if any, the running code works for.

The ContextVar here is the source of truth; the database backend makes the connection agree before each cursor.
A new thread starts unbound, and unbound code gets no cursor at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.module_loading import import_string

from tenancy.errors import TenantUnavailable
from tenancy.record import TenantRecord


class NoTenantBound(RuntimeError):
    """Code touched the database, the cache or a token without saying for whom."""


class BindingInsideTransaction(RuntimeError):
    """A binding was changed while a transaction was open: one commit must not span two bindings."""


@dataclass(frozen=True, slots=True)
class Target:
    """The state a connection must be in: search path and role, and the stamp that must be found there."""

    search_path: tuple[str, ...]
    role: str | None
    tenant: TenantRecord | None = None


PLATFORM_ROLE = "r_platform"
SEALER_ROLE = "sealer"
_PLATFORM = Target(search_path=("public", "ext"), role=PLATFORM_ROLE)

_target: ContextVar[Target | None] = ContextVar("tenancy_target", default=None)


def target() -> Target:
    """Return the state the connection must be in.

    Raises:
        NoTenantBound: nothing is bound.
    """
    found = _target.get()
    if found is None:
        raise NoTenantBound("Bind an organization (tenancy.bind) or the platform (tenancy.platform) first.")
    return found


def current() -> TenantRecord:
    """Return the bound organization.

    Raises:
        NoTenantBound: none is bound.
    """
    found = current_or_none()
    if found is None:
        raise NoTenantBound("No organization is bound.")
    return found


def current_or_none() -> TenantRecord | None:
    """Return the bound organization, or None on the platform and where nothing is bound."""
    found = _target.get()
    return found.tenant if found else None


def is_platform() -> bool:
    """Return whether the shared schema is bound."""
    found = _target.get()
    return found is not None and found.tenant is None


@contextmanager
def bind(organization: TenantRecord | UUID) -> Iterator[TenantRecord]:
    """Work for one organization: its schema first on the path, its role, its cache keys, its tokens.

    Bind once per request or task. Streams and exports bind again for each chunk.

    Raises:
        BindingInsideTransaction: a transaction is open.
        core.errors.NotFound: there is no such organization.
        TenantUnavailable: it lives in another cell.
    """
    record = organization if isinstance(organization, TenantRecord) else _load(organization)
    if not record.is_here:
        raise TenantUnavailable
    path = (record.schema_name, "public", "ext")
    with _bound(Target(search_path=path, role=record.db_role, tenant=record)):
        yield record


@contextmanager
def bind_as_sealer(record: TenantRecord) -> Iterator[TenantRecord]:
    """Work in one organization's schema as the role that seals its audit, and may do nothing else there.

    Raises:
        BindingInsideTransaction: a transaction is open.
    """
    path = (record.schema_name, "public", "ext")
    with _bound(Target(search_path=path, role=SEALER_ROLE, tenant=record)):
        yield record


def is_frozen() -> bool:
    """Return whether the bound organization takes no writes now: it is on its way to another cell.

    The schema's stamp says so, read when the connection was switched to it: no process's older news count. False on
    the platform and where nothing is bound.
    """
    if current_or_none() is None:
        return False
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    return bool(wrapper.is_frozen())


@contextmanager
def platform() -> Iterator[None]:
    """Work on the shared schema as the platform's role."""
    with _bound(_PLATFORM):
        yield


@contextmanager
def bare_login() -> Iterator[None]:
    """Look at the server as the login itself: it reads the catalogue and its own connections, and no table."""
    with _bound(Target(search_path=("pg_catalog",), role=None)):
        yield


@contextmanager
def schema_owner(schema: str = "public") -> Iterator[None]:
    """Do schema work as the login that owns the database: the provisioner's. The application's login owns nothing."""
    with _bound(Target(search_path=(schema, "ext") if schema == "public" else (schema, "public", "ext"), role=None)):
        yield


def _load(organization_id: UUID) -> TenantRecord:
    load = import_string(settings.TENANT_LOADER)
    record: TenantRecord = load(organization_id)
    return record


@contextmanager
def _bound(new: Target) -> Iterator[None]:
    _refuse_inside_transaction(new)
    token = _target.set(new)
    try:
        yield
    finally:
        _target.reset(token)
        if _target.get() is None:
            for connection in connections.all(initialized_only=True):
                if hasattr(connection, "unbind"):
                    connection.unbind()


def _refuse_inside_transaction(new: Target) -> None:
    if _target.get() == new:
        return
    for connection in connections.all(initialized_only=True):
        # The blocks that a test case opens around a whole test are not the product's transactions.
        if any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks):
            raise BindingInsideTransaction("Leave the transaction before binding another organization.")
