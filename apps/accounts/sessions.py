"""Sessions: whom one names, and how one begins.

A session lives in the organization's own schema, says which organization it is of, and carries a hash of the member's
password and that organization. Any of the three would keep it out of another organization; all are held.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
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
from apps.accounts.factors.policy import NOT_ASKED, SecondFactor
from apps.accounts.models import Member
from apps.accounts.policies import ADMIN, permissions_of
from apps.accounts.session_rows import active_member, note_used, session_row
from core.actor import Actor, SupportView
from core.clock import now
from core.http.client import client_ip

ORGANIZATION_KEY = "organization"
SEEN_EVERY = timedelta(minutes=5)
UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - "no address", not one to bind


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in member, and what they may do."""

    member: Member
    actor: Actor
    second_factor: SecondFactor = NOT_ASKED


def principal_of(request: HttpRequest) -> Principal | None:
    """Return who is signed in, or None: with two statements the first time, with none after that.

    The roles are read with the member on every request, so what was taken away ends with the next click.
    """
    if not hasattr(request, "_principal"):
        support: SupportView | None = getattr(request, "support", None)
        request._principal = (  # type: ignore[attr-defined]
            _read(request) if support is None else _under_support(support)
        )
    found: Principal | None = request._principal  # type: ignore[attr-defined]
    return found


def _read(request: HttpRequest) -> Principal | None:
    tenant = tenancy.current_or_none()
    session_key = request.session.session_key
    if tenant is None or not session_key:
        return None
    row = session_row(session_key)
    if row is None or SESSION_KEY not in row.data or row.data.get(ORGANIZATION_KEY) != str(tenant.id):
        return None
    member = active_member(UUID(row.data[SESSION_KEY]))
    if member is None or not _is_signed_for(row.data.get(HASH_SESSION_KEY, ""), member):
        return None
    is_old = row.last_seen_at is not None and row.last_seen_at < now() - SEEN_EVERY
    if is_old and not tenancy.is_frozen():
        note_used(session_key, client_ip(request) or UNKNOWN_ADDRESS)
    return principal(member)


def _under_support(support: SupportView) -> Principal | None:
    """Return the view that a person of the platform's staff has: a member's, or the organization's without anybody.

    The second one holds nobody's courses and progress, and the id of the grant stands where a member's would: it may
    read as admins do and write nothing.
    """
    if support.member_id is None:
        member = Member(id=support.grant_id, name=support.staff_name, email=None)
        member.role_names = [ADMIN]  # type: ignore[attr-defined]  # as the annotation does
    else:
        found = active_member(support.member_id)
        if found is None:
            return None
        member = found
    shown = principal(member)
    actor = replace(shown.actor, permissions=shown.actor.permissions & support.permissions, support=support)
    return Principal(member=member, actor=actor)


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
    return Principal(member=member, actor=actor, second_factor=getattr(member, "second_factor", NOT_ASKED))


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
    signed_in = active_member(member.id)
    request._principal = principal(signed_in) if signed_in else None  # type: ignore[attr-defined]


def stamp(sender: Any, request: HttpRequest, **_: Any) -> None:
    """Write into a session that just began which organization it is of; sweep those that expired."""
    request.session[ORGANIZATION_KEY] = str(tenancy.current().id)
    Session.objects.filter(expire_date__lt=now()).delete()
