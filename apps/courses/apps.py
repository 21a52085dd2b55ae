"""The app's place in the product."""

from __future__ import annotations

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """Courses, drafts and versions."""

    name = "apps.courses"
    label = "courses"
