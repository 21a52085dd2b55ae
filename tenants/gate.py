"""What stays open to whom while an organization is read-only, or about to be deleted. Shut is the default."""

from __future__ import annotations

import tenancy
from core.errors import DomainError, PermissionDenied
from core.http.permissions import PUBLIC, SIGNED_IN
from core.http.request import Request
from core.http.views import APIView
from tenancy.errors import OrganizationMoving
from tenants.policies import DELETE_ORGANIZATION, EXPORT_ORGANIZATION

READ_ONLY = "read_only"
PENDING_DELETION = "pending_deletion"
FROZEN = "frozen"

_SAFE = ("GET", "HEAD", "OPTIONS")
# Learning goes on, whoever is signed in sees to their own things, and leaving stays possible.
_GOES_ON = frozenset(
    {
        SIGNED_IN,
        "progress.record",
        "media.play",
        "enrollments.enroll_self",
        EXPORT_ORGANIZATION,
        DELETE_ORGANIZATION,
    }
)


class OrganizationReadOnly(DomainError):
    """Nothing may be changed here for now; learning goes on."""

    code = "organization_read_only"
    title = "This organization is read-only for now. Learners go on; nothing else can be changed."
    status = 423


class OrganizationClosing(PermissionDenied):
    """The organization will be deleted. Only its owners may sign in, to call that off or to export."""

    code = "organization_closing"
    title = "This organization is closed and will be deleted. Only its owners can sign in."


def check(view: APIView, request: Request, needed: str) -> None:
    """Refuse what the bound organization's state shuts; called for every method of every view.

    Raises:
        OrganizationMoving: a change, while the organization is on its way to another cell.
        OrganizationReadOnly: a change that is not part of learning, while the organization is read-only.
        OrganizationClosing: anything that a closing organization does not keep open for its owners.
    """
    tenant = tenancy.current_or_none()
    open_when = view.open_when if not view.open_methods or request.method in view.open_methods else frozenset[str]()
    if request.method not in _SAFE and FROZEN not in open_when and tenancy.is_frozen():
        raise OrganizationMoving
    if tenant is None or (tenant.state in open_when and not tenant.is_closing):
        return
    if tenant.state == READ_ONLY:
        if request.method not in _SAFE and not _goes_on(needed):
            raise OrganizationReadOnly
    elif tenant.is_closing:
        owner = request.visitor is not None and request.visitor.can(DELETE_ORGANIZATION)
        if PENDING_DELETION not in open_when or not (owner or needed == PUBLIC):
            raise OrganizationClosing


def _goes_on(needed: str) -> bool:
    """Whether a write with this permission goes on. One that only asks to see something changes nothing."""
    return needed in _GOES_ON or (needed != PUBLIC and needed.endswith(".view"))
