"""The parts of the product as the status page names them, and which steps of the learner's journey tell of each."""

from __future__ import annotations

PARTS: dict[str, str] = {
    "pages": "Pages and sign-in",
    "lessons": "Courses and lessons",
    "video": "Video",
    "progress": "Progress",
    "work": "Mail and background work",
}
STEPS: dict[str, str] = {
    "page": "pages",
    "sign_in": "pages",
    "courses": "lessons",
    "lesson": "lessons",
    "grant": "video",
    "manifest": "video",
    "segment": "video",
    "progress": "progress",
    "background": "work",
}
