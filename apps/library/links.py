"""Links to captions: who is handed one may read it for some hours; a bare id opens nothing to a learner."""

from __future__ import annotations

from uuid import UUID

from tenancy import signing

LIFE_SECONDS = 12 * 3600
_PURPOSE = "library.caption"


def caption_url(caption_id: UUID) -> str:
    """Where a player reads a caption track, on the organization's own host."""
    return f"/api/v1/captions/{caption_id}.vtt?t={signing.dumps(str(caption_id), purpose=_PURPOSE)}"


def opens(token: str, caption_id: UUID) -> bool:
    """Whether ``token`` was made for this track of this organization, not long ago."""
    try:
        return bool(signing.loads(token, purpose=_PURPOSE, max_age_seconds=LIFE_SECONDS) == str(caption_id))
    except signing.BadToken:
        return False
