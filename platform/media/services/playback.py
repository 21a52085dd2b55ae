"""Playback: leave to play is asked for once and renewed for as long as the right to it holds."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings

import tenancy
from billing import api as billing
from core.actor import Actor
from core.clock import now
from core.ids import new_id
from media import prefixes
from media.dto import Grant
from media.edge.interface import Grant as Signed
from media.edge.interface import GrantKind, NotDeployedYet
from media.edge.registry import media_edge
from media.errors import (
    DeliveryNotReady,
    NotPlayable,
    PlaybackEnded,
    PlaybackPaused,
    RenewedJustNow,
    SessionContended,
    SessionNotFound,
)
from media.models import PlaybackSession, Revision

# (who asks, id of the right, asset) -> whether they may still play it.
RightChecker = Callable[[Actor, UUID | None, UUID], bool]

KEPT = timedelta(days=90)
# A row remembers two grants. A third one is signed only when the first has no longer to live than one that was ended:
# the edge's list takes a minute. So none that is still good is unknown to whoever ends the session.
FORGOTTEN = timedelta(minutes=1)
# Whoever finds a row changed reads it again, so often. As renewals have their interval, once is enough.
TRIES = 5
AT_ONCE = 500
# A page that is loaded again, or a train that leaves a tunnel: the same sitting, under a new session.
RETURNING = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class _Right:
    checker: RightChecker
    spare_percent: int


_rights: dict[str, _Right] = {}


def playback_right(name: str, *, spare_percent: int = 0) -> Callable[[RightChecker], RightChecker]:
    """Register who answers, at each renewal, whether a right of this name still holds.

    ``spare_percent`` is how far beyond the organization's allowance playing by this right may still begin.
    """

    def register(checker: RightChecker) -> RightChecker:
        _rights[name] = _Right(checker, spare_percent)
        return checker

    return register


def current_revision(asset_id: UUID) -> Revision | None:
    """The encode that is played now: the last one published."""
    rows = Revision.objects.filter(asset_id=asset_id, state=Revision.State.PUBLISHED)
    return rows.order_by("-published_at").first()


def grant(
    *,
    member_id: UUID,
    asset_id: UUID,
    right: str,
    right_id: UUID | None = None,
    course_id: UUID | None = None,
    kind: GrantKind = "cookie",
    ip: str = "",
) -> Grant:
    """Open a playback session and sign its first grant. The caller has decided that the member may.

    ``course_id`` is the course that what is sent counts for, where the right is one of a course.

    Raises:
        NotPlayable: nothing of the asset has been published.
        PlaybackPaused: the organization's month has nothing left to begin with. Whoever plays goes on.
    """
    row = current_revision(asset_id)
    if row is None:
        raise NotPlayable
    known = _rights.get(right)
    spare = known.spare_percent if known else 0
    if not billing.may_deliver(spare_percent=spare) and not _was_playing(member_id, asset_id, right):
        raise PlaybackPaused(
            "Your organization has used up its video traffic for this month. What you have begun goes on; ask whoever "
            "runs your courses when videos will be back."
        )
    signed = _sign(asset_id, row.id, kind)
    session = PlaybackSession(
        id=new_id(),
        organization_id=tenancy.current().id,
        member_id=member_id,
        asset_id=asset_id,
        rev_id=row.id,
        right=right,
        right_id=right_id,
        course_id=course_id,
        policy_hash=signed.policy_hash,
        ip_hash=_blurred(ip),
        ends_at=signed.expires_at,
    )
    # Of an organization that is being moved nothing is written: they play, and the next renewal opens a new session.
    if not tenancy.is_frozen():
        PlaybackSession.objects.bulk_create([session])
    return _grant(session, signed, has_poster=row.has_poster)


def renew(sid: UUID, *, actor: Actor, kind: GrantKind = "cookie") -> Grant:
    """Sign the next grant of a session, if its right still holds; the revision stays the one that is playing.

    Raises:
        SessionNotFound: there is none, or it is someone else's.
        PlaybackEnded: the right is gone, or the session was ended.
        NotPlayable: the revision was deleted meanwhile.
        RenewedJustNow: it is too early: whoever needs another grant opens another session.
    """
    for _ in range(TRIES):
        session = PlaybackSession.objects.filter(id=sid, member_id=actor.member_id).first()
        if session is None:
            raise SessionNotFound
        if session.ended_at is not None:
            raise PlaybackEnded
        renewed = _renew(session, actor, kind)
        if renewed is not None:
            return renewed
    raise SessionContended


def _renew(session: PlaybackSession, actor: Actor, kind: GrantKind) -> Grant | None:
    """Sign the next grant of a session as it was read; None where it was ended or renewed since.

    A grant that is on no row could not be ended, so none is handed out.
    """
    right = _rights.get(session.right)
    if right is None or not right.checker(actor, session.right_id, session.asset_id):
        if not tenancy.is_frozen():
            end(session.id, reason="right_ended")
        raise PlaybackEnded
    playable = (Revision.State.PUBLISHED, Revision.State.SUPERSEDED)
    row = Revision.objects.filter(id=session.rev_id, state__in=playable).first() or current_revision(session.asset_id)
    if row is None:
        raise NotPlayable
    early = _earliest(session) - now()
    if early > timedelta(0):
        raise RenewedJustNow(retry_after_seconds=math.ceil(early.total_seconds()))
    signed = _sign(session.asset_id, row.id, kind)
    as_read = PlaybackSession.objects.filter(id=session.id, ended_at__isnull=True, policy_hash=session.policy_hash)
    if not tenancy.is_frozen() and not as_read.update(
        rev_id=row.id,
        renewed_at=now(),
        ends_at=signed.expires_at,
        policy_hash=signed.policy_hash,
        policy_before=session.policy_hash,
    ):
        return None
    session.rev_id = row.id
    return _grant(session, signed, has_poster=row.has_poster)


def _earliest(session: PlaybackSession) -> datetime:
    """When a session may be renewed: a little before half of its grant's life has passed.

    The grant that is forgotten then was signed before two such times.
    """
    return session.renewed_at + (session.ends_at - session.renewed_at - FORGOTTEN) / 2


def end(sid: UUID, *, reason: str) -> None:
    """End a session: no renewal, and its running grants are refused within a minute. Safe to repeat.

    The grants go onto the list first: whoever dies in between has ended nothing, and ends all of it the next time. What
    was renewed meanwhile is read again.

    Raises:
        SessionContended: it was renewed again and again. Its grants so far are on the list; it has not ended.
    """
    for _ in range(TRIES):
        session = PlaybackSession.objects.filter(id=sid, ended_at__isnull=True).first()
        if session is None:
            return
        for policy_hash in session.grants:
            media_edge().revoke_grant(session.organization_id, policy_hash, session.ends_at)
        as_read = PlaybackSession.objects.filter(id=sid, ended_at__isnull=True, policy_hash=session.policy_hash)
        if as_read.update(ended_at=now(), ended_reason=reason):
            return
    raise SessionContended


def end_all(
    *, asset_id: UUID | None = None, member_id: UUID | None = None, right_id: UUID | None = None, reason: str
) -> int:
    """End every running session of an asset, a member or a right; return how many."""
    rows = PlaybackSession.objects.filter(ended_at__isnull=True, ends_at__gt=now())
    for column, value in (("asset_id", asset_id), ("member_id", member_id), ("right_id", right_id)):
        if value is not None:
            rows = rows.filter(**{column: value})
    ended = 0
    while found := list(rows.values_list("id", flat=True)[:AT_ONCE]):
        for sid in found:
            end(sid, reason=reason)
        ended += len(found)
    return ended


def _was_playing(member_id: UUID, asset_id: UUID, right: str) -> bool:
    """Whether the member is in the middle of it: nobody is cut off because a page was loaded again."""
    rows = PlaybackSession.objects.filter(member_id=member_id, asset_id=asset_id, right=right, ended_at__isnull=True)
    return rows.filter(ends_at__gt=now() - RETURNING).exists()


def purge() -> int:
    """Forget sessions that ended long ago. Must run on the platform."""
    deleted, _ = PlaybackSession.objects.filter(ends_at__lt=now() - KEPT).delete()
    return deleted


def _sign(asset_id: UUID, rev: UUID, kind: GrantKind) -> Signed:
    tenant = tenancy.current()
    try:
        return media_edge().grant(tenant.id, host=tenant.here, item_id=asset_id, rev=rev, kind=kind)
    except NotDeployedYet as pending:
        raise DeliveryNotReady(
            "Your organization's video delivery is being set up. Try again in a few minutes."
        ) from pending


def _grant(session: PlaybackSession, signed: Signed, *, has_poster: bool) -> Grant:
    return Grant(
        sid=session.id,
        asset_id=session.asset_id,
        rev=session.rev_id,
        manifest_url=_on_own_host(signed.url(prefixes.MANIFEST)),
        poster_url=_on_own_host(signed.url(prefixes.POSTER)) if has_poster else None,
        expires_at=signed.expires_at,
        renew_at=signed.renew_at,
        kind=signed.kind,
        cookies=signed.cookies,
        query=signed.query,
    )


def _on_own_host(url: str) -> str:
    """Without scheme and host: the page and its media share the organization's host."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _blurred(ip: str) -> str:
    """A keyed hash: enough to see that two sessions came from one address, no address to lose."""
    if not ip:
        return ""
    return hashlib.blake2b(ip.encode(), key=settings.SECRET_KEY.encode()[:64], digest_size=16).hexdigest()
