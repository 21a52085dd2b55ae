"""Tables of the media service, all in the shared schema."""

from media.models.jobs import Revision, TranscodeJob
from media.models.keys import EdgeBinding, EdgePool, EdgeSecret, EdgeValue, Namespace, RevokedGrant, SigningKey
from media.models.remote import RemoteJob
from media.models.sessions import PlaybackSession
from media.models.uploads import StorageEntry, Upload

__all__ = [
    "EdgeBinding",
    "EdgePool",
    "EdgeSecret",
    "EdgeValue",
    "Namespace",
    "PlaybackSession",
    "RemoteJob",
    "Revision",
    "RevokedGrant",
    "SigningKey",
    "StorageEntry",
    "TranscodeJob",
    "Upload",
]
