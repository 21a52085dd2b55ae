"""Billing's doors for workers."""

from billing.finance.tasks import compare_books

__all__ = ["compare_books"]
