"""Every act that the audit knows: its group, its sentence, and the fields whose values it may keep.

Values of a field that an act does not list are never stored: a password or a token cannot reach the audit by mistake.
``{label}`` stands for the thing acted on. A test holds this list against every call of ``record`` and ``note``.
"""

from __future__ import annotations

from dataclasses import dataclass, field

GROUPS: dict[str, str] = {
    "sign_in": "Sign-in",
    "people": "People and roles",
    "courses": "Courses",
    "library": "Library",
    "learning": "Learning",
    "brand": "Brand",
    "organization": "Organization",
    "domains": "Domains",
    "exports": "Exports",
    "support": "Support access",
    "audit": "Audit",
}


@dataclass(frozen=True, slots=True)
class Act:
    """One kind of act. ``fields`` maps what may be kept to its word; ``personal`` are those erased with the member."""

    group: str
    words: str
    fields: dict[str, str] = field(default_factory=dict)
    personal: frozenset[str] = frozenset()


ACTS: dict[str, Act] = {}
