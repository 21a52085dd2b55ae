"""What family of container a file belongs to, by its first bytes: never by its name or its declared type.

The family decides which one demuxer ffmpeg may use. A playlist named ``film.mp4`` therefore never reaches the demuxer
that would open what it points at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from media.transcoding.errors import InputRejected

HEAD_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Family:
    """A container family: the demuxer to force and the demuxers that may be opened at all."""

    name: str
    demuxer: str
    whitelist: str


def _family(name: str, demuxer: str | None = None, whitelist: str | None = None) -> Family:
    return Family(name, demuxer or name, whitelist or demuxer or name)


MOV = _family("mov", "mov", "mov,mp4,m4a,3gp,3g2,mj2")
MATROSKA = _family("matroska", "matroska", "matroska,webm")
AVI = _family("avi")
MPEGTS = _family("mpegts")
MPEG = _family("mpeg")
FLV = _family("flv")
ASF = _family("asf")
OGG = _family("ogg")
WAV = _family("wav")
FLAC = _family("flac")
MP3 = _family("mp3")
AAC = _family("aac")

_MOV_BOXES = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_DOCUMENTS = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "an archive or an Office document",
    b"Rar!": "an archive",
    b"7z\xbc\xaf": "an archive",
    b"\x1f\x8b": "an archive",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"\x7fELF": "a program",
    b"MZ": "a program",
}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*", b"8BPS")
_PLAYLIST = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*(?:#EXT|ffconcat|<MPD|<\?xml[^>]*>\s*(?:<!--.*?-->\s*)*<(?:MPD|smil|asx|SmoothStreaming)"
    rb"|v=0\s|\[playlist\]|<asx|<smil|file\s+['\"/])",
    re.IGNORECASE | re.DOTALL,
)


def sniff(path: Path) -> Family:
    """The family of the file at ``path``.

    Raises:
        InputRejected: ``empty_file``, ``playlist``, ``picture``, ``document``, ``text`` or ``unknown_format``.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if not head:
        raise InputRejected("empty_file")
    family = _media(head)
    if family is not None:
        return family
    raise _refusal(head)


def _media(head: bytes) -> Family | None:
    if head[4:8] in _MOV_BOXES:
        return None if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"heic", b"heix", b"mif1") else MOV
    if head[:4] == b"RIFF":
        return {b"AVI ": AVI, b"WAVE": WAV}.get(head[8:12])
    if _is_transport_stream(head, 188, 0) or _is_transport_stream(head, 192, 4):
        return MPEGTS
    for magic, family in (
        (b"\x1a\x45\xdf\xa3", MATROSKA),
        (b"\x00\x00\x01\xba", MPEG),
        (b"FLV\x01", FLV),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ASF),
        (b"OggS", OGG),
        (b"fLaC", FLAC),
        (b"ID3", MP3),
    ):
        if head.startswith(magic):
            return family
    if head[0] == 0xFF and len(head) > 2:
        if head[1] & 0xF6 == 0xF0:
            return AAC
        # A frame header of MPEG layer III: sync, a layer that exists, a bit rate and a sample rate that are not "bad".
        if head[1] & 0xE0 == 0xE0 and head[1] & 0x06 == 0x02 and head[2] & 0xF0 != 0xF0 and head[2] & 0x0C != 0x0C:
            return MP3
    return None


def _is_transport_stream(head: bytes, packet: int, offset: int) -> bool:
    marks = head[offset : offset + packet * 5 : packet]
    return len(marks) >= 3 and set(marks) == {0x47}


def _refusal(head: bytes) -> InputRejected:
    if _PLAYLIST.match(head):
        return InputRejected("playlist")
    if head.startswith(_PICTURES) or head[8:12] in (b"WEBP", b"avif", b"heic", b"heix", b"mif1"):
        return InputRejected("picture")
    if b"<svg" in head[:1024].lower():
        return InputRejected("picture")
    for magic, what in _DOCUMENTS.items():
        if head.startswith(magic):
            return InputRejected("document", what=what)
    control = sum(byte < 32 and byte not in b"\t\r\n\f\x1b" for byte in head)
    if control == 0:
        return InputRejected("text")
    return InputRejected("unknown_format")
