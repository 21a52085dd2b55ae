"""Lines of an invoice of Stripe's, in words and figures."""

from __future__ import annotations

from typing import Any

from billing.subscriptions.fold import is_proration


def shown(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line as owners see it."""
    return {
        "text": line.get("description") or "",
        "amount_minor": line["amount"],
        "quantity": line.get("quantity"),
        "proration": is_proration(line),
        "tax": tax([line]),
    }


def tax(lines: list[dict[str, Any]]) -> int:
    """Return the tax that is added to these lines, in minor units; what prices contain already is not counted."""
    taxes = [one for line in lines for one in (line.get("taxes") or [])]
    return sum(one["amount"] for one in taxes if one["tax_behavior"] == "exclusive")
