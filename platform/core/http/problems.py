"""The one renderer of refusals: RFC 9457 problem details with a stable ``code``."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response

from core.errors import DomainError, TooManyRequests, TooSlow, Unavailable, ValidationFailed
from core.http.parsers import BodyTooLarge
from core.telemetry import metrics

_log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
# What PostgreSQL and Valkey raise while they restart, are overloaded or cannot be reached.
OUTAGES = (OperationalError, InterfaceError, redis.ConnectionError, redis.TimeoutError)
_QUERY_CANCELED = "57014"  # statement_timeout, or somebody's pg_cancel_backend


def handle(exc: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal becomes a problem; what is not a refusal stays an error (500)."""
    problem = problem_of(exc)
    if problem is None:
        return None
    if problem["status"] >= 500:
        _log.error("request.unavailable", exc_info=exc)
    response = Response(problem, status=problem["status"], content_type=PROBLEM_TYPE)
    if retry := problem.get("retry_after_seconds"):
        response["Retry-After"] = str(int(retry))
    if isinstance(exc, exceptions.MethodNotAllowed):
        view = context.get("view")
        response["Allow"] = ", ".join(view.allowed_methods) if view else ""
    return response


def problem_of(exc: Exception) -> dict[str, Any] | None:
    """Return the members of the problem that ``exc`` stands for, or None where it is no refusal."""
    if isinstance(exc, DomainError):
        return _domain(exc)
    if isinstance(exc, OUTAGES):
        return _domain(outage_of(exc))
    if isinstance(exc, RequestDataTooBig):
        return _domain(BodyTooLarge(limit_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    if isinstance(exc, UnreadablePostError):
        return _problem("body_incomplete", "The request ended before its body did", 400)
    if isinstance(exc, exceptions.ValidationError):
        errors = list(_field_errors(exc.detail))
        return _problem("invalid", ValidationFailed.title, 422, errors[0]["detail"] if errors else None, errors=errors)
    if isinstance(exc, Http404 | exceptions.NotFound):
        return _problem("not_found", "There is nothing here", 404)
    if isinstance(exc, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return _problem("not_authenticated", "Sign in to go on", 401)
    if isinstance(exc, exceptions.Throttled):
        wait = getattr(exc, "wait", None) or 60
        return _problem("too_many_requests", TooManyRequests.title, 429, retry_after_seconds=wait)
    if isinstance(exc, exceptions.PermissionDenied | DjangoPermissionDenied):
        detail = getattr(exc, "detail", None)
        if detail is not None and "CSRF" in str(detail):
            return _problem("csrf_failed", "This request did not come from this page", 403, str(detail))
        return _problem("permission_denied", "You may not do this", 403)
    if isinstance(exc, exceptions.APIException):
        code = exc.default_code if isinstance(exc.default_code, str) else "error"
        return _problem(code, str(exc.detail), exc.status_code)
    return None


def outage_of(exc: BaseException, **members: Any) -> DomainError:
    """Return what one of ``OUTAGES`` is to a person: a statement that was stopped, or something that is away."""
    if getattr(exc.__cause__, "pgcode", None) == _QUERY_CANCELED:
        return TooSlow(**members)
    return Unavailable(retry_after_seconds=RETRY_AFTER_SECONDS, **members)


def problem_response(exc: DomainError) -> JsonResponse:
    """Render ``exc`` outside DRF (middleware, shells)."""
    problem = _domain(exc)
    response = JsonResponse(problem, status=problem["status"], content_type=PROBLEM_TYPE)
    if retry := problem.get("retry_after_seconds"):
        response["Retry-After"] = str(int(retry))
    return response


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:
    """Answer an unknown API path in the same form as every other refusal."""
    return JsonResponse(_problem("not_found", "There is nothing here", 404), status=404, content_type=PROBLEM_TYPE)


def _domain(exc: DomainError) -> dict[str, Any]:
    members = dict(exc.members)
    if isinstance(exc, ValidationFailed):
        members["errors"] = [
            {"pointer": f"#/{name}", "code": "invalid", "detail": sentence} for name, sentence in exc.errors.items()
        ]
    return _problem(exc.code, exc.title, exc.status, exc.detail, **members)


def _problem(code: str, title: str, status: int, detail: str | None = None, **members: Any) -> dict[str, Any]:
    metrics.REFUSALS.labels(code).inc()
    return {
        "type": f"/docs/problems/{code.replace('_', '-')}",
        "title": title,
        "status": status,
        "detail": detail or title,
        "code": code,
        **members,
    }


def _field_errors(detail: Any, path: str = "#") -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _field_errors(inner, path if name == "non_field_errors" else f"{path}/{name}")
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            yield from _field_errors(inner, f"{path}/{index}" if isinstance(inner, dict) else path)
    else:
        yield {"pointer": path, "code": getattr(detail, "code", "invalid"), "detail": str(detail)}
