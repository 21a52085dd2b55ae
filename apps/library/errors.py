"""What the library refuses."""

from __future__ import annotations

from core.errors import DomainError


class AssetNotFound(DomainError):
    """There is no such asset, or it was deleted."""

    code = "asset_not_found"
    title = "There is no such video"
    status = 404


class AssetInUse(DomainError):
    """Courses show it. Member ``used_in``: in how many places."""

    code = "asset_in_use"
    title = "Courses show this video"
    status = 409


class AssetNotDescribed(DomainError):
    """What is in the file is not known yet."""

    code = "asset_not_described"
    title = "The video has not been looked at yet"
    status = 409


class CaptionNotFound(DomainError):
    """There is no such caption track, or it may not be read with this link."""

    code = "caption_not_found"
    title = "There are no such captions"
    status = 404


class CaptionsRefused(DomainError):
    """The text is no VTT or SRT that can be used. ``errors`` says where and why."""

    code = "captions_unreadable"
    title = "These captions cannot be read"
    status = 422


class CaptionLanguageTaken(DomainError):
    """The video has captions in this language."""

    code = "caption_language_taken"
    title = "There are captions in this language already"
    status = 409
