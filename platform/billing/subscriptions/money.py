"""Amounts as sentences and letters write them."""

from __future__ import annotations

_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}


def money(minor: int, currency: str) -> str:
    """Return an amount as people read it: ``€1,210.00``."""
    return f"{_SIGNS.get(currency, currency.upper() + ' ')}{minor // 100:,}.{minor % 100:02}"
