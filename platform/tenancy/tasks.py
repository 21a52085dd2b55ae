"""Task bases: a task says for whom it runs, captured when it is called, checked when it starts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from celery import Task
from celery.exceptions import Ignore
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from core.acting import Acting, acting
from core.errors import NotFound
from tenancy import binding
from tenancy.record import TenantRecord

_log = logging.getLogger(__name__)

HEADER = "lms_tenant"


def named(path: str) -> Any:
    """Return the task at the dotted ``path``.

    Tasks are doors that import the services behind them. A service that asks for more work later names its door.
    """
    return import_string(path)


class NotServed(Exception):
    """The organization is gone, elsewhere, not active, being moved, or of another generation than was asked for."""


@contextmanager
def working_for(record: TenantRecord | None, generation: int, task: Task) -> Iterator[None]:
    """Bind the organization for the work that ``task`` does for it. ``record`` is None where it is gone.

    Raises:
        NotServed: nothing may be done for it now.
    """
    if record is None:
        _log.warning("task.organization_gone", extra={"task": task.name})
        raise NotServed
    if not _is_served(record, generation):
        _log.warning("task.organization_not_active", extra={"task": task.name, "organization_id": str(record.id)})
        raise NotServed
    with binding.bind(record), acting(_system(task)):
        if binding.is_frozen():
            _log.info("task.organization_moving", extra={"task": task.name, "organization_id": str(record.id)})
            raise NotServed
        yield


class PlatformTask(Task):
    """A task of the platform: runs on the shared schema."""

    abstract = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with binding.platform(), acting(_system(self)):
            return super().__call__(*args, **kwargs)

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Enqueue after the open transaction commits."""
        transaction.on_commit(lambda: self.delay(*args, **kwargs), robust=True)


class TenantTask(Task):
    """A task of one organization: the one bound where it was called, or ``organization_id`` in ``apply_for``.

    It refuses to start where that organization is gone, elsewhere, not active, being moved or of another generation.
    Nothing is lost by refusing: the rows that asked for the work remain, and the dispatcher asks again.
    """

    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        headers = dict(options.pop("headers", None) or {})
        if HEADER not in headers:  # a message that says for whom may be sent from anywhere
            headers[HEADER] = _caller()
        return super().apply_async(args, kwargs, headers=headers, **options)

    def apply_for(self, organization_id: UUID, generation: int, *args: Any, **kwargs: Any) -> Any:
        """Enqueue for an organization from platform code."""
        return super().apply_async(args, kwargs, headers={HEADER: f"{organization_id}:{generation}"})

    def delay_on_commit(self, *args: Any, **kwargs: Any) -> None:
        """Enqueue after the open transaction commits, for the organization that is bound NOW."""
        headers = {HEADER: _caller()}
        transaction.on_commit(lambda: self.apply_async(args, kwargs, headers=headers), robust=True)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raw = (self.request.headers or {}).get(HEADER) or getattr(self.request, HEADER, None)
        if not raw:
            raise binding.NoTenantBound(f"{self.name} was sent without an organization")
        organization_id, _, generation = raw.partition(":")
        try:
            with working_for(_record(UUID(organization_id)), int(generation), self):
                return super().__call__(*args, **kwargs)
        except NotServed:
            raise Ignore from None


def _record(organization_id: UUID) -> TenantRecord | None:
    try:
        record: TenantRecord = import_string(settings.TENANT_LOADER)(organization_id)
    except NotFound:
        return None
    return record


def _is_served(record: TenantRecord, generation: int) -> bool:
    return record.is_here and record.is_active and record.generation == generation


def _system(task: Task) -> Acting:
    """Return who acts in ``task``: the platform itself, whoever asked for the work."""
    return Acting(kind="system", request_id=str(task.request.id or ""), via=f"task:{task.name}")


def _caller() -> str:
    tenant = binding.current()
    return f"{tenant.id}:{tenant.generation}"
