"""What other apps may use of progress."""

from __future__ import annotations

from apps.progress.services.recalculation import recalculate

__all__ = ["recalculate"]
