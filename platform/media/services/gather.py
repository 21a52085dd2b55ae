"""What a service left under a revision's prefix, read back, checked and made playable: the last playlist is ours."""

from __future__ import annotations

from media import prefixes
from media.aws import mediaconvert_job
from media.models import RemoteJob, Upload
from media.services import objects
from media.storage import ObjectGone
from media.transcoding import playlists
from media.transcoding.boxes import codecs_of
from media.transcoding.commands import Variant
from media.transcoding.encoder import COMPLETE_SHARE, MASTER, RenditionMade, StageMade
from media.transcoding.errors import InputRejected, ResourceShortage, clock_words
from media.transcoding.playlists import Track
from media.transcoding.probe import Probe
from media.transcoding.store import IMMUTABLE, content_type


def gather(row: RemoteJob) -> StageMade:
    """Return what the job of ``row`` made, once its master playlist and its inventory are written. Safe to repeat.

    Raises:
        InputRejected: it ends long before the film does.
        ResourceShortage: the service says that it is complete, and something of it is not there.
        media.errors.StorageUnavailable: the store does not answer.
    """
    prefix = prefixes.revision_prefix(row.organization_id, row.asset_id, row.rev_id)
    store = objects.store()
    sizes = {found.key.removeprefix(prefix): found.size_bytes for found in store.list(prefix)}
    # From an earlier time that was cut short: both are written anew.
    for ours in (MASTER, prefixes.INVENTORY):
        sizes.pop(ours, None)
    try:
        tracks = [_track(Variant(**kept), prefix, sizes) for kept in row.renditions]
    # What it left may be anything: a playlist without a number, a box cut short, a rendition of another release.
    except (ObjectGone, LookupError, ValueError, TypeError) as error:
        raise ResourceShortage("storage") from error
    longest = max(track.seconds for track in tracks)
    if longest < row.duration_ms / 1000 * COMPLETE_SHARE - 1:
        raise InputRejected("not_convertible", position=clock_words(longest))
    kept = objects.RevisionStore(prefix)
    kept.found(sizes)
    master = playlists.master_playlist(tracks, language=_language(row))
    kept.put_bytes(MASTER, master.encode(), content_type=content_type(MASTER), cache_control=IMMUTABLE)
    kept.close()
    return StageMade(
        renditions=tuple(_made(track) for track in tracks), seconds=longest, bytes=kept.total_bytes, growing=False
    )


def _track(variant: Variant, prefix: str, sizes: dict[str, int]) -> Track:
    """Read a rendition's playlist, and look that everything it names is there.

    Raises:
        ObjectGone, KeyError: it is not.
    """
    store = objects.store()
    uri = mediaconvert_job.playlist_of(variant)
    init, segments = playlists.parse(store.read(prefix + uri).decode())
    if init is None or not segments:
        raise KeyError(uri)
    return Track(
        variant,
        codecs=tuple(codecs_of(store.read(prefix + init))),
        init=init,
        segments=segments,
        sizes=[sizes[segment.name] for segment in segments],
        init_bytes=sizes[init],
        uri=uri,
    )


def _language(row: RemoteJob) -> str | None:
    probe = Upload.objects.filter(id=row.upload_id).values_list("probe", flat=True).first()
    facts = Probe.from_json(probe) if probe else None
    return facts.sound.language if facts and facts.sound else None


def _made(track: Track) -> RenditionMade:
    return RenditionMade(
        name=track.variant.name,
        width=track.variant.width,
        height=track.variant.height,
        codecs=",".join(track.codecs),
        bits=track.average_bits,
        peak_bits=track.peak_bits,
        bytes=track.bytes,
    )
