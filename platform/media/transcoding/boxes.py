"""Codec strings (RFC 6381) from the header of a fragmented MP4: what the master playlist has to declare."""

from __future__ import annotations

from collections.abc import Iterator

_CONTAINERS = {b"moov", b"trak", b"mdia", b"minf", b"stbl"}
_SAMPLE_HEAD = {b"avc1": 78, b"avc3": 78, b"mp4a": 28}  # bytes of fixed fields before a sample entry's own boxes


def codecs_of(header: bytes) -> list[str]:
    """The codec string of each track of an ``init.mp4``, for example ``["avc1.64001f", "mp4a.40.2"]``."""
    return [codec for codec in _codecs(header) if codec]


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[at + 8 : at + 16], "big"), 16
        elif size == 0:
            size = len(data) - at
        if size < head:
            return
        yield kind, data[at + head : at + size]
        at += size


def _codecs(data: bytes) -> Iterator[str | None]:
    for kind, body in _boxes(data):
        if kind in _CONTAINERS:
            yield from _codecs(body)
        elif kind == b"stsd":
            for entry, fields in _boxes(body[8:]):
                yield _codec(entry, fields)


def _codec(entry: bytes, fields: bytes) -> str | None:
    inner = dict(_boxes(fields[_SAMPLE_HEAD.get(entry, 0) :]))
    if entry in (b"avc1", b"avc3"):
        config = inner.get(b"avcC", b"")
        return f"{entry.decode()}.{config[1:4].hex()}" if len(config) >= 4 else None
    if entry == b"mp4a":
        return f"mp4a.40.{_audio_object(inner.get(b'esds', b''))}"
    return None


def _audio_object(esds: bytes) -> int:
    """Audio object type out of the decoder's specific info (descriptor 5), 2 (AAC-LC) where it is not told."""
    at = 4
    while at + 2 <= len(esds):
        tag = esds[at]
        at += 1
        length = 0
        for _ in range(4):
            byte = esds[at]
            at += 1
            length = length << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        if tag == 3:
            at += 3
        elif tag == 4:
            at += 13
        elif tag == 5 and at < len(esds):
            return esds[at] >> 3
        else:
            at += length
    return 2
