"""What Stripe answers when it refuses: an error of its shape, with its types, codes and statuses."""

from __future__ import annotations

from typing import Any


class StripeError(Exception):
    """A refusal. ``keeps`` marks one that leaves something behind: a declined card is an attempt that was made."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str = "",
        param: str = "",
        keeps: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.keeps = keeps
        self.fields = {
            "message": message,
            "type": kind,
            **({"code": code} if code else {}),
            **({"param": param} if param else {}),
            **more,
        }

    def body(self) -> dict[str, Any]:
        """The answer's JSON."""
        return {"error": self.fields}


class BadParameters(StripeError):
    """The request was refused before anything began: nothing is remembered under its idempotency key."""


def missing(what: str, object_id: str, param: str = "id") -> StripeError:
    """No such object."""
    return StripeError(f"No such {what}: '{object_id}'", status=404, code="resource_missing", param=param)


def refused(message: str, param: str = "", code: str = "") -> StripeError:
    """The request makes sense, but not now or not for this object."""
    return StripeError(message, param=param, code=code)


def declined(message: str, *, code: str, decline_code: str = "", keeps: bool = True, **more: Any) -> StripeError:
    """A card said no."""
    words = {"decline_code": decline_code} if decline_code else {}
    return StripeError(message, status=402, kind="card_error", code=code, keeps=keeps, **words, **more)
