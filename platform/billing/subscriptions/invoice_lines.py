"""Lines of an invoice of Stripe's, in words and figures."""

from __future__ import annotations

from typing import Any

from billing.subscriptions.fold import is_proration


def shown(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line as owners see it: what is taken off by a discount is no part of it."""
    return {
        "text": line.get("description") or "",
        "amount_minor": net(line),
        "quantity": line.get("quantity"),
        "proration": is_proration(line),
        "tax": tax([line]),
    }


def net(line: dict[str, Any]) -> int:
    """Return the amount of a line after its discounts, in minor units."""
    return int(line["amount"]) - sum(one["amount"] for one in (line.get("discount_amounts") or []))


def balance(minor: int) -> dict[str, Any]:
    """Return the line of what a customer's balance takes off an invoice (less than nothing), or adds to it."""
    text = "Your credit" if minor < 0 else "Carried over from before"
    return {"text": text, "amount_minor": minor, "quantity": None, "proration": False, "tax": 0}


def tax(lines: list[dict[str, Any]]) -> int:
    """Return the tax that is added to these lines, in minor units; what prices contain already is not counted."""
    taxes = [one for line in lines for one in (line.get("taxes") or [])]
    return sum(one["amount"] for one in taxes if one["tax_behavior"] == "exclusive")
