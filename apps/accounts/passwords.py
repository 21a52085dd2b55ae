"""Words that everybody would try at this product and this organization make nothing of a password."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError

import tenancy

# What a password about a place to learn is made of. docs/operations/accounts.md lists them, held by a test.
WORDS = (
    "academy", "admin", "campus", "class", "college", "course", "elearning", "emerging", "institute", "learn",
    "learner", "learning", "lms", "passwort", "password", "platform", "quiz", "school", "student", "studio",
    "study", "teacher", "tech", "training", "university", "video", "welcome",
)  # fmt: skip
LEAST_BESIDE = 6
_SHORTEST = 3
_PLAIN = re.compile(r"[^\w]|_")


class ContextWords:
    """Refuses a password that is hardly more than words of the context: ``LEAST_BESIDE`` letters or digits beside them.

    The words are :data:`WORDS`, the platform's host, and the bound organization's name and address. Where none is bound
    yet, ``user.password_context`` may say them.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError where too little is left."""
        rest = password.casefold()
        for word in sorted(_words(user), key=len, reverse=True):
            rest = rest.replace(word, "")
        if len(_PLAIN.sub("", rest)) < LEAST_BESIDE:
            raise ValidationError(self.get_help_text(), code="password_of_context")

    def get_help_text(self) -> str:
        """Return what is asked for, in words."""
        return "This is little more than the organization's name and words that everybody tries. Add some of your own."


def _words(user: Any) -> set[str]:
    tenant = tenancy.current_or_none()
    named = [tenant.name, tenant.slug] if tenant else list(getattr(user, "password_context", ()))
    parts = [part for text in [*named, settings.SITE_HOST] for part in _PLAIN.split(text.casefold())]
    return {part for part in parts if len(part) >= _SHORTEST} | set(WORDS)
