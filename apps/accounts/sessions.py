"""Sessions: whom one names, and how one begins.

A session lives in the organization's own schema, says which organization it is of, and carries a hash of the member's
password and that organization. Any of the three would keep it out of another organization; all are held.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.utils import perform_login
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

import tenancy
from apps.accounts.errors import NotSignedIn
from apps.accounts.models import Member
from apps.accounts.policies import permissions_of
from apps.accounts.session_rows import active_member, session_data
from core.actor import Actor
from core.clock import now

ORGANIZATION_KEY = "organization"


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in member, and what they may do."""

    member: Member
    actor: Actor


def principal_of(request: HttpRequest) -> Principal | None:
    """Return who is signed in, or None: with two statements the first time, with none after that.

    The roles are read with the member on every request, so what was taken away ends with the next click.
    """
    if not hasattr(request, "_principal"):
        request._principal = _read(request.session.session_key)  # type: ignore[attr-defined]
    found: Principal | None = request._principal  # type: ignore[attr-defined]
    return found


def _read(session_key: str | None) -> Principal | None:
    tenant = tenancy.current_or_none()
    if tenant is None or not session_key:
        return None
    data = session_data(session_key)
    if SESSION_KEY not in data or data.get(ORGANIZATION_KEY) != str(tenant.id):
        return None
    member = active_member(UUID(data[SESSION_KEY]))
    if member is None or not _is_signed_for(data.get(HASH_SESSION_KEY, ""), member):
        return None
    return principal(member)


def _is_signed_for(session_hash: str, member: Member) -> bool:
    """Whether the session began with the password that the member has now; old secret keys still count."""
    if constant_time_compare(session_hash, member.get_session_auth_hash()):
        return True
    return any(constant_time_compare(session_hash, old) for old in member.get_session_auth_fallback_hash())


def principal(member: Member) -> Principal:
    """Return ``member``, read ``with_roles``, as somebody who acts."""
    roles = frozenset(member.role_names)  # type: ignore[attr-defined]  # annotated
    actor = Actor(
        member_id=member.id, name=member.name, email=member.email, roles=roles, permissions=permissions_of(roles)
    )
    return Principal(member=member, actor=actor)


def sign_in(request: HttpRequest, member: Member) -> None:
    """Begin a session for ``member`` under a new key; whatever this browser's session held of others is gone.

    Raises:
        NotSignedIn: a second factor is still to come.
    """
    request.user = AnonymousUser()
    if request.session.get(SESSION_KEY) not in (None, str(member.pk)):
        request.session.flush()
    perform_login(request, member)
    if request.user.pk != member.pk:
        raise NotSignedIn
    # The new session is written with the response; within this request its member is known already.
    request._principal = principal(Member.objects.with_roles().get(id=member.id))  # type: ignore[attr-defined]


def stamp(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Write into a session that just began which organization it is of; sweep those that expired."""
    request.session[ORGANIZATION_KEY] = str(tenancy.current().id)
    Session.objects.filter(expire_date__lt=now()).delete()
