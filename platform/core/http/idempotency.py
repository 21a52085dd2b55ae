"""Idempotency-Key: what must not happen twice answers a repetition with its first answer."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError

MAX_KEY_LENGTH = 255  # as Stripe: docs.stripe.com/api/idempotent_requests
_NOBODY = UUID(int=0)


class KeyReused(DomainError):
    """The key was used before with another request."""

    code = "idempotency_key_reused"
    title = "This key belongs to another request"
    status = 422


class StillRunning(DomainError):
    """The first request with this key has not ended yet."""

    code = "idempotency_in_flight"
    title = "The first request with this key is still running"
    status = 409


class KeyTooLong(DomainError):
    """Idempotency keys have at most 255 characters."""

    code = "idempotency_key_too_long"
    title = "An Idempotency-Key has at most 255 characters"
    status = 422


class Store(Protocol):
    """Where answers are kept; ``settings.IDEMPOTENCY_STORE`` names the implementation."""

    def run(
        self, *, actor_id: UUID, key: str, request_sha256: bytes, call: Callable[[], tuple[int, Any]]
    ) -> tuple[int, Any, bool]:
        """Run ``call`` once for ``key`` and keep its answer in the same transaction.

        Returns status, body and whether this is a replay. Raises KeyReused or StillRunning.
        """
        ...


def idempotent(method: Callable[..., Response]) -> Callable[..., Response]:
    """Let a view method honour ``Idempotency-Key``. Without the header the method runs as ever."""

    @functools.wraps(method)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if not key:
            return method(view, request, *args, **kwargs)
        if len(key) > MAX_KEY_LENGTH:
            raise KeyTooLong
        actor = getattr(request, "actor", None)
        fingerprint = hashlib.sha256(
            b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), request.body])
        ).digest()

        def call() -> tuple[int, Any]:
            response = method(view, request, *args, **kwargs)
            return response.status_code, response.data

        store: Store = import_string(settings.IDEMPOTENCY_STORE)
        status, body, replayed = store.run(
            actor_id=actor.member_id if actor else _NOBODY, key=key, request_sha256=fingerprint, call=call
        )
        response = Response(body, status=status)
        if replayed:
            response["Idempotent-Replayed"] = "true"
        return response

    return wrapper
