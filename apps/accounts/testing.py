"""How tests and the demo fill an organization with people: the way people come, without the mailbox in between."""

from __future__ import annotations

from uuid import UUID

from apps.accounts.models import Member
from apps.accounts.policies import OWNER
from apps.accounts.services import invitations
from apps.accounts.sessions import principal


def join(*, email: str, name: str, role: str, password: str) -> UUID:
    """Let the bound organization's owner invite ``email`` and the invited accept; return the member's id.

    Somebody who is a member already is left as they are.
    """
    known: Member | None = Member.objects.filter(email=email.lower()).first()
    if known is not None:
        return known.id
    owner = Member.objects.active().with_roles().filter(assignments__role=OWNER).order_by("created_at").first()
    if owner is None:
        raise LookupError("the organization has no owner who could invite")
    _, token = invitations.invite(actor=principal(owner).actor, email=email, role=role)
    return invitations.accept(token=token, name=name, password=password).id
