"""What other apps may use of courses."""

from __future__ import annotations

from apps.courses.kept import Kept
from apps.courses.kinds import ItemKind, register
from apps.courses.selectors import (
    asset_uses,
    body,
    card,
    count_courses,
    course,
    forget,
    offered,
    offered_course,
    outline,
    sizes,
    versions,
)
from apps.courses.services.enrolling import open_version
from apps.courses.usage import courses_by_asset, first_published_at, published_by_month, titles

__all__ = [
    "ItemKind",
    "Kept",
    "asset_uses",
    "body",
    "card",
    "count_courses",
    "course",
    "courses_by_asset",
    "first_published_at",
    "forget",
    "offered",
    "offered_course",
    "open_version",
    "outline",
    "published_by_month",
    "register",
    "sizes",
    "titles",
    "versions",
]
