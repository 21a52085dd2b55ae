"""The store behind ``Idempotency-Key``: insert first, run and keep the answer in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from core.clock import now
from core.http.idempotency import KeyReused, StillRunning
from events.models import IdempotencyKey
from tenancy import binding

KEPT_FOR = timedelta(hours=72)
LOCK_NOT_AVAILABLE = "55P03"  # lock_timeout, set on the connection: config.env.database
PLATFORM = UUID(int=0)  # the owner of keys that were used before there was an organization


class DatabaseStore:
    """Implements :class:`core.http.idempotency.Store` in the shared schema."""

    def run(
        self, *, actor_id: UUID, key: str, request_sha256: bytes, call: Callable[[], tuple[int, Any]]
    ) -> tuple[int, Any, bool]:
        """See the protocol. A call that raises leaves no key behind, so it may be tried again."""
        tenant = binding.target().tenant
        scope = {
            "organization_id": tenant.id if tenant else PLATFORM,
            "generation": tenant.epoch if tenant else 0,
            "actor_id": actor_id,
            "key": key,
        }
        found = IdempotencyKey.objects.filter(**scope).first()
        if found is not None:
            return self._replay(found, request_sha256)
        try:
            with transaction.atomic():
                row = IdempotencyKey(**scope, request_sha256=request_sha256)
                row.save(force_insert=True)  # a second request waits here for the first to end
                status, body = call()
                IdempotencyKey.objects.filter(id=row.id).update(status=status, body=body)
                return status, body, False
        except IntegrityError:
            found = IdempotencyKey.objects.filter(**scope).first()
            if found is None:
                raise
            return self._replay(found, request_sha256)
        except OperationalError as failed:
            # Only a lock that was waited for in vain is another request's doing; an outage stays an outage.
            if getattr(failed.__cause__, "pgcode", None) != LOCK_NOT_AVAILABLE:
                raise
            raise StillRunning from failed

    @staticmethod
    def _replay(found: IdempotencyKey, request_sha256: bytes) -> tuple[int, Any, bool]:
        if bytes(found.request_sha256) != request_sha256:
            raise KeyReused
        if found.status is None:
            raise StillRunning
        return found.status, found.body, True


store = DatabaseStore()


def purge() -> int:
    """Delete keys older than 72 hours; return how many."""
    return IdempotencyKey.objects.filter(created_at__lt=now() - KEPT_FOR).delete()[0]
