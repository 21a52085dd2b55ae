"""The app's place in the product."""

from __future__ import annotations

from django.apps import AppConfig


class EnrollmentsConfig(AppConfig):
    """Enrollments and their placements."""

    name = "apps.enrollments"
    label = "enrollments"
