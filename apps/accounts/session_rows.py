"""The two reads behind every request, written by hand: the ORM builds the same two statements in ten times the CPU."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection

from apps.accounts.factors import policy
from apps.accounts.models import Member
from core.clock import now

_FIELDS = [field.attname for field in Member._meta.concrete_fields]
_COLUMNS = ", ".join(f'm."{field.column}"' for field in Member._meta.concrete_fields)

_SESSION = """
SELECT s.session_data, u.last_seen_at
FROM django_session s LEFT JOIN usersessions_usersession u USING (session_key)
WHERE s.session_key = %s AND s.expire_date > %s
"""

_SEEN = "UPDATE usersessions_usersession SET last_seen_at = %s, ip = %s WHERE session_key = %s"

_HELD = """
  FROM accounts_roleassignment held
  WHERE held.member_id = m.id AND held.scope = 'organization' AND (held.expires_at IS NULL OR held.expires_at > %s)
  ORDER BY held.role
"""

# As ``Member.objects.active().with_roles()``, and where they stand with a second factor: tests hold them together.
_MEMBER = f"""
SELECT {_COLUMNS}, ARRAY(SELECT held.role {_HELD}), ARRAY(SELECT held.granted_at {_HELD}), p.team_since,
  p.everyone_since,
  EXISTS (SELECT 1 FROM mfa_authenticator a WHERE a.user_id = m.id AND a.type IN ('totp', 'webauthn'))
FROM accounts_member m LEFT JOIN accounts_securitypolicy p ON p.single
WHERE m.id = %s AND m.state = 'active'
"""  # noqa: S608 - the columns are the model's


@dataclass(frozen=True, slots=True)
class SessionRow:
    """What a session holds, and when it was last used as far as its list of devices knows."""

    data: dict[str, Any]
    last_seen_at: datetime | None


def session_row(session_key: str) -> SessionRow | None:
    """Return the session; None where it is unknown or expired. What we did not sign is an empty one."""
    with connection.cursor() as cursor:
        cursor.execute(_SESSION, [session_key, now()])
        row = cursor.fetchone()
    return SessionRow(SessionStore(session_key).decode(row[0]), row[1]) if row else None


def note_used(session_key: str, ip: str) -> None:
    """Remember that the session was used just now, and from where."""
    with connection.cursor() as cursor:
        cursor.execute(_SEEN, [now(), ip, session_key])


def active_member(member_id: UUID) -> Member | None:
    """Return the member with ``role_names`` and ``second_factor``, or None where nobody active has this id."""
    with connection.cursor() as cursor:
        cursor.execute(_MEMBER, [now(), now(), member_id])
        row = cursor.fetchone()
    if row is None:
        return None
    *columns, roles, granted, team_since, everyone_since, has_factor = row
    member = Member.from_db(connection.alias, _FIELDS, columns)
    member.role_names = roles  # type: ignore[attr-defined]  # as the annotation does
    member.second_factor = policy.standing(  # type: ignore[attr-defined]  # for the principal
        policy.Rules(team_since, everyone_since),
        dict(zip(roles, granted, strict=True)),
        member.created_at,
        has_factor=has_factor,
    )
    return member
