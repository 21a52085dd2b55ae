"""How far support access reaches: an allow-list of routes, so that whatever is new is out of reach until listed.

Never listed: passwords, second factors, sessions and addresses of members, roles, invitations, billing, exports,
restores, keys, domains, deletion, the audit and its export, the organization's support settings, and whatever would
count as a learner's own work.
"""

from __future__ import annotations

VIEW = "support_access.view"
MANAGE = "support_access.manage"

ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    "owner": frozenset({VIEW, MANAGE}),
    "admin": frozenset({VIEW}),
    "author": frozenset(),
    "instructor": frozenset(),
    "learner": frozenset(),
}

READ_PERMISSIONS = frozenset(
    {
        "brand.view",
        "catalog.view",
        "courses.view",
        "enrollments.view",
        "library.view",
        "organization.view",
        "people.view",
        "reports.view_first_run",
        "usage.view",
    }
)
WRITE_PERMISSIONS = frozenset({"courses.edit", "courses.publish", "enrollments.manage", "library.edit"})

# What may be read, and what the organization's audit says that it is. ``True``: it shows people.
READ_ROUTES: dict[str, tuple[str, bool]] = {
    "accounts:me": ("", False),
    "support:session": ("", False),
    "accounts:invitation-list": ("the open invitations", True),
    "accounts:member-counts": ("", False),
    "accounts:member-list": ("the list of people", True),
    "announcements:current": ("", False),
    "branding:brand": ("the brand", False),
    "courses:course": ("a course", False),
    "courses:courses": ("the courses", False),
    "courses:draft": ("a course's draft", False),
    "courses:draft-history": ("the history of a draft", True),
    "courses:draft-node": ("a lesson", False),
    "courses:publication-preview": ("what a publication would change", False),
    "courses:versions": ("a course's versions", True),
    "library:asset-detail": ("a film", False),
    "library:assets": ("the library", False),
    "library:caption-detail": ("captions", False),
    "library:captions": ("captions", False),
    "library:caption-text": ("captions", False),
    "library:storage": ("the storage used", False),
    "organization:organization": ("the state of the organization", False),
    "progress:catalog": ("the catalogue", False),
    "progress:catalog-course": ("a course of the catalogue", False),
    "progress:course-enrollments": ("the learners of a course and their progress", True),
    "progress:enrollment": ("a learner's course", True),
    "progress:enrollments": ("a learner's courses", True),
    "progress:lesson": ("a learner's lesson", True),
    "progress:outline": ("a learner's progress", True),
    "reports:first-run": ("", False),
    "reports:usage": ("what the organization uses", False),
}

# What access with the scope ``write`` may change, by route and method.
WRITE_ROUTES: dict[str, frozenset[str]] = {
    "courses:course": frozenset({"PATCH"}),
    "courses:courses": frozenset({"POST"}),
    "courses:draft-moves": frozenset({"POST"}),
    "courses:draft-node": frozenset({"PATCH", "DELETE"}),
    "courses:draft-node-restore": frozenset({"POST"}),
    "courses:draft-nodes": frozenset({"POST"}),
    "courses:publication": frozenset({"POST"}),
    "enrollments:course-enrollment": frozenset({"DELETE"}),
    "progress:course-enrollments": frozenset({"POST"}),
    "library:asset-detail": frozenset({"PATCH"}),
    "library:asset-retry": frozenset({"POST"}),
    "library:captions": frozenset({"POST"}),
    "library:caption-detail": frozenset({"DELETE"}),
}


def permissions(*, can_write: bool) -> frozenset[str]:
    """Return the most that support access may ever hold."""
    return READ_PERMISSIONS | WRITE_PERMISSIONS if can_write else READ_PERMISSIONS
