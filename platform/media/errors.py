"""What the media service refuses."""

from __future__ import annotations

from core.errors import DomainError, TooManyRequests, Unavailable


class UploadNotFound(DomainError):
    """There is no such upload, or it is someone else's."""

    code = "upload_not_found"
    title = "There is no such upload"
    status = 404


class UploadTypeRefused(DomainError):
    """The declared type is neither film nor sound."""

    code = "upload_type"
    title = "This is not a film or a sound recording"
    status = 422


class UploadSizeRefused(DomainError):
    """The size is nothing, or more than one upload may have."""

    code = "upload_size"
    title = "The file has a size we cannot take"
    status = 422


class PartRefused(DomainError):
    """A part number outside the upload, or too many at once."""

    code = "upload_part"
    title = "The upload has no such part"
    status = 422


class UploadIncomplete(DomainError):
    """Parts are missing or of the wrong size. Member ``missing``: their numbers."""

    code = "upload_incomplete"
    title = "Some of the file has not arrived"
    status = 409


class UploadEnded(DomainError):
    """The upload was completed, refused or given up. Member ``state``."""

    code = "upload_ended"
    title = "The upload has ended"
    status = 409


class UploadDamaged(DomainError):
    """What the store holds is not what was announced; the upload was given up."""

    code = "upload_damaged"
    title = "The file did not arrive whole"
    status = 409


class StorageUnavailable(Unavailable):
    """The object store did not answer."""

    code = "storage_unavailable"
    title = "The storage does not answer"
    status = 503


class SourceGone(DomainError):
    """There is nothing left to convert again."""

    code = "source_gone"
    title = "Upload the file again"
    status = 409


class NothingToRetry(DomainError):
    """Nothing of this asset failed."""

    code = "nothing_to_retry"
    title = "There is nothing to retry"
    status = 409


class NotPlayable(DomainError):
    """Nothing of this asset has been published yet."""

    code = "not_playable"
    title = "This video is not ready to play"
    status = 409


class SessionNotFound(DomainError):
    """There is no such playback session, or it is someone else's."""

    code = "session_not_found"
    title = "There is no such playback session"
    status = 404


class PlaybackEnded(DomainError):
    """The right to play has ended, or the session has."""

    code = "playback_ended"
    title = "Playing has ended here"
    status = 403


class RenewedJustNow(TooManyRequests):
    """The session was renewed a moment ago. ``retry_after_seconds`` says when to come back; a new one opens at once."""

    code = "renewed_just_now"
    title = "This was renewed a moment ago"


class SessionContended(DomainError):
    """Somebody else was faster, again and again. Nothing was changed."""

    code = "session_contended"
    title = "This is being played in too many places at once"
    status = 409


class PlaybackPaused(DomainError):
    """The organization's month has nothing left to begin playing with. Nobody who plays is cut off."""

    code = "playback_paused"
    title = "Videos are paused for now"
    status = 409


class DeliveryNotReady(Unavailable):
    """The edge does not serve the organization yet: it was made a moment ago."""

    code = "delivery_not_ready"
    title = "Videos are being set up"
    status = 503


class EdgeRefuses(DomainError):
    """The edge can't do that for the organization now."""

    code = "edge_refuses"
    title = "The edge cannot do this now"
    status = 409
