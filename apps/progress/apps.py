"""The app's place in the product."""

from __future__ import annotations

from django.apps import AppConfig


class ProgressConfig(AppConfig):
    """Facts, watch maps and progress."""

    name = "apps.progress"
    label = "progress"
