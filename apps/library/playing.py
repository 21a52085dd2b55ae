"""Grants in the words of the API, and the cookies that go with them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponseBase

from apps.library.rights import ENROLLMENT, LIBRARY
from core.actor import Actor
from core.clock import iso
from media import api as media
from media.dto import Grant


def grant_for_preview(*, member_id: UUID, asset_id: UUID, ip: str = "") -> Grant:
    """Leave to play an asset in the studio. The caller has checked ``library.view``.

    Raises:
        media.errors.NotPlayable, PlaybackPaused
    """
    return media.grant(member_id=member_id, asset_id=asset_id, right=LIBRARY, ip=ip)


def grant_for_enrollment(
    *, member_id: UUID, enrollment_id: UUID, course_id: UUID, asset_id: UUID, ip: str = ""
) -> Grant:
    """Leave to play an asset of a lesson. The caller has checked that the enrollment shows it, and has registered
    with ``playback_right("enrollment")`` who is asked again at each renewal.

    Raises:
        media.errors.NotPlayable, PlaybackPaused
    """
    return media.grant(
        member_id=member_id,
        asset_id=asset_id,
        right=ENROLLMENT,
        right_id=enrollment_id,
        course_id=course_id,
        ip=ip,
    )


def renew(sid: UUID, *, actor: Actor) -> Grant:
    """The next grant of a session, if its right still holds.

    Raises:
        media.errors.SessionNotFound, PlaybackEnded, NotPlayable, RenewedJustNow
    """
    return media.renew(sid, actor=actor)


def grant_body(grant: Grant) -> dict[str, Any]:
    """A grant as the API says it."""
    return {
        "sid": str(grant.sid),
        "manifest_url": grant.manifest_url,
        "poster_url": grant.poster_url,
        "expires_at": iso(grant.expires_at),
        "renew_at": iso(grant.renew_at),
        "kind": grant.kind,
        "query": grant.query,
    }


def set_grant_cookies(response: HttpResponseBase, grant: Grant) -> None:
    """Put the signature into the answer: for this host and this asset's path only, gone with the browser."""
    response["Cache-Control"] = "no-store"
    for cookie in grant.cookies:
        response.set_cookie(
            cookie.name,
            cookie.value,
            path=cookie.path,
            secure=cookie.secure,
            httponly=cookie.http_only,
            samesite=cookie.same_site,
        )
