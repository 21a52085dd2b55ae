"""Idempotency-Key: what must not happen twice answers a repetition with its first answer."""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from core.errors import DomainError
from core.http.request import Request

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
    """Let a view method honour ``Idempotency-Key``. Without the header the method runs as ever.

    The method must not commit or bind: the store runs it inside the transaction that keeps its answer.
    """

    @functools.wraps(method)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if not key:
            return method(view, request, *args, **kwargs)
        if len(key) > MAX_KEY_LENGTH:
            raise KeyTooLong
        actor = request.visitor
        fingerprint = hashlib.sha256(
            b"\n".join([(request.method or "").encode(), request.get_full_path().encode(), request.body])
        ).digest()

        answers: list[Response] = []

        def call() -> tuple[int, Any]:
            first = method(view, request, *args, **kwargs)
            answers.append(first)
            # As the client will read it: ids and times become strings here, not in the store.
            return first.status_code, json.loads(JSONRenderer().render(first.data) or b"null")

        store: Store = import_string(settings.IDEMPOTENCY_STORE)
        status, body, replayed = store.run(
            actor_id=actor.member_id if actor else _NOBODY, key=key, request_sha256=fingerprint, call=call
        )
        if not replayed:
            return answers[-1]  # with whatever headers and cookies the method set
        response = Response(body, status=status)
        response["Idempotent-Replayed"] = "true"
        return response

    return wrapper
