"""The app's place in the product."""

from __future__ import annotations

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """Facts, watch maps and progress."""

    name = "apps.progress"
    label = "progress"

    def ready(self) -> None:
        """Tell the media service who may play."""
        from apps.progress import rights  # noqa: F401 - registers itself
