"""Files made to make a converter read or fetch something: each is refused in words and touches nothing."""

from __future__ import annotations

import random
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from media.transcoding import commands, sandbox
from media.transcoding.errors import InputRejected
from media.transcoding.limits import Limits
from media.transcoding.probe import probe
from media.transcoding.sandbox import Mode
from media.transcoding.tests import clips

CANARY = b"canary-5f1c1f6a"


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A server on the loopback that must never be spoken to: its port, and what it heard."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.1)
        stop = threading.Event()

        def listen() -> None:
            while not stop.is_set():
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    continue
                with peer:
                    peer.settimeout(1)
                    heard.append(peer.recv(4096))

        thread = threading.Thread(target=listen)
        thread.start()
        yield server.getsockname()[1], heard
        stop.set()
        thread.join()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file outside the scratch directory, readable by us, that no output may contain."""
    path = tmp_path / "secret" / "canary.ts"
    path.parent.mkdir()
    path.write_bytes(CANARY)
    return path


def hls(target: str) -> bytes:
    lines = ("#EXTM3U", "#EXT-X-TARGETDURATION:2", "#EXTINF:2,", target, "#EXT-X-ENDLIST")
    return "\n".join(lines).encode() + b"\n"


def avi_with_subtitle_playlist(target: str) -> bytes:
    """An AVI whose GAB2 subtitle stream is a playlist: the attack of HackerOne 226756."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    name = "x".encode("utf-16-le")
    playlist = hls(target)
    gab2 = b"GAB2\0" + struct.pack("<HI", 2, len(name)) + name + struct.pack("<HI", 4, len(playlist)) + playlist
    header = chunk(b"avih", struct.pack("<14I", 40000, 0, 0, 0x10, 1, 0, 2, 0, 320, 180, 0, 0, 0, 0))
    video = chunk(b"strh", b"vidsMJPG" + struct.pack("<10I4H", 0, 0, 0, 1, 25, 0, 1, 0, 0, 0, 0, 0, 320, 180))
    video += chunk(b"strf", struct.pack("<IiiHHIIiiII", 40, 320, 180, 1, 24, 0x47504A4D, 0, 0, 0, 0, 0))
    text = chunk(b"strh", b"txts\0\0\0\0" + struct.pack("<10I4H", 0, 0, 0, 1, 25, 0, 1, 0, 0, 0, 0, 0, 0, 0))
    text += chunk(b"strf", b"")
    lists = chunk(b"LIST", b"hdrl" + header + chunk(b"LIST", b"strl" + video) + chunk(b"LIST", b"strl" + text))
    return chunk(
        b"RIFF", b"AVI " + lists + chunk(b"LIST", b"movi" + chunk(b"01tx", gab2) + chunk(b"00dc", b"\xff\xd8\xff"))
    )


def mov_with_external_data(target: str) -> Callable[[bytes], bytes]:
    """A MOV whose data reference points at another file."""

    def rewrite(film: bytes) -> bytes:
        alias = b"url " + b"\0\0\0\0" + target.encode() + b"\0"
        reference = struct.pack(">I", len(alias) + 4) + alias
        return film.replace(b"\0\0\0\x0curl \0\0\0\x01", reference[: len(film)])

    return rewrite


HOSTILE = {
    "film.mp4": (lambda port, secret: hls(f"file://{secret}"), "playlist"),
    "network.mp4": (lambda port, secret: hls(f"http://127.0.0.1:{port}/internal/admin.ts"), "playlist"),
    "marked.mp4": (lambda port, secret: b"\xef\xbb\xbf\r\n" + hls(f"http://127.0.0.1:{port}/x.ts"), "playlist"),
    "list.mp4": (lambda port, secret: f"ffconcat version 1.0\nfile '{secret}'\n".encode(), "playlist"),
    "plain.mp4": (lambda port, secret: f"file '{secret}'\n".encode(), "playlist"),
    "dash.mp4": (
        lambda port, secret: (
            b'<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period>'
            + f"<BaseURL>http://127.0.0.1:{port}/</BaseURL></Period></MPD>".encode()
        ),
        "playlist",
    ),
    "call.mp4": (
        lambda port, secret: f"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\nm=video {port} RTP/AVP 96\r\n".encode(),
        "playlist",
    ),
    "subtitle.avi": (lambda port, secret: avi_with_subtitle_playlist(f"http://127.0.0.1:{port}/x.ts"), None),
    "picture.mp4": (
        lambda port, secret: f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{secret}"/></svg>'.encode(),
        "picture",
    ),
    "page.mp4": (lambda port, secret: b"<!doctype html><script src=//evil></script>", "text"),
    "empty.mp4": (lambda port, secret: b"", "empty_file"),
    "notes.mp4": (lambda port, secret: b"Dear diary, today I made a course.\n" * 100, "text"),
    "paper.mp4": (lambda port, secret: b"%PDF-1.7\n" + bytes(100), "document"),
    "archive.mp4": (lambda port, secret: b"PK\x03\x04" + bytes(100), "document"),
    "photo.mp4": (lambda port, secret: b"\x89PNG\r\n\x1a\n" + bytes(100), "picture"),
    "noise.mp4": (lambda port, secret: bytes(range(1, 256)) * 64, "unknown_format"),
    "zeros.mp4": (lambda port, secret: bytes(100_000), "unknown_format"),
    "box.mp4": (lambda port, secret: b"\0\0\0\x18ftypisom" + bytes(100_000), "no_index"),
    "matroska.mkv": (lambda port, secret: b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 100, None),
    "stream.ts": (lambda port, secret: (b"\x47" + bytes(187)) * 100, None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_attack_58_a_hostile_file_is_refused_in_words_and_touches_nothing(
    tmp_path: Path, name: str, listener: tuple[int, list[bytes]], secret: Path
) -> None:
    port, heard = listener
    build, code = HOSTILE[name]
    scratch = tmp_path / "work"
    scratch.mkdir()
    (scratch / "source").write_bytes(build(port, secret))
    before = _outside(tmp_path)

    with pytest.raises(InputRejected) as refusal:
        probe(scratch)

    assert code is None or refusal.value.code == code
    assert len(refusal.value.detail) > 20
    assert "{" not in refusal.value.title + refusal.value.detail
    assert heard == []
    assert _outside(tmp_path) == before
    assert all(CANARY not in path.read_bytes() for path in scratch.iterdir() if path.name != "source")


@pytest.mark.parametrize("cut", [0.9, 0.5, 0.1])
def test_a_film_cut_short_says_how_much_of_it_is_there(tmp_path: Path, cut: float) -> None:
    film = clips.make(tmp_path / "film.mp4", *clips.H264, *clips.AAC, "-movflags", "+faststart", seconds=6)
    whole = film.read_bytes()
    film.write_bytes(whole[: int(len(whole) * cut)])
    clips.place(tmp_path / "work", film)

    with pytest.raises(InputRejected) as refusal:
        probe(tmp_path / "work")
    assert refusal.value.code == "truncated"
    assert "of 0:06" in refusal.value.detail


def test_a_film_without_its_index_says_so(tmp_path: Path, standard_film: Path) -> None:
    whole = standard_film.read_bytes()
    (tmp_path / "source").write_bytes(whole[: whole.index(b"moov") - 4])

    with pytest.raises(InputRejected) as refusal:
        probe(tmp_path)
    assert refusal.value.code == "no_index"


def test_attack_59_a_damaged_film_ends_one_way_or_the_other(tmp_path: Path) -> None:
    film = clips.make(tmp_path / "film.mkv", seconds=4)
    whole, noise = bytearray(film.read_bytes()), random.Random(59)  # the same damage in every run
    for start in range(20_000, len(whole), 9_000):
        whole[start : start + 2_000] = noise.randbytes(min(2_000, len(whole) - start))
    film.write_bytes(whole)

    try:
        stages, stores, _ = clips.all_stages(tmp_path / "work", film)
    except InputRejected:
        return  # its words are held by the tests of the refusals
    assert (stores[stages[-1]].root / "master.m3u8").exists()


@pytest.mark.parametrize("mode", [Mode(True, False), Mode(False, True)], ids=["namespace", "landlock"])
def test_each_wall_alone_stops_what_the_whitelists_would_have_let_through(
    tmp_path: Path, mode: Mode, listener: tuple[int, list[bytes]]
) -> None:
    """ffmpeg without any whitelist, told to fetch: the wall must be enough by itself."""
    strongest = sandbox.mode()
    if (mode.network and not strongest.network) or (mode.files and not strongest.files):
        assert "whitelists" in strongest.in_words()  # the machine lacks this wall, and `make up` says so
        return
    port, heard = listener
    outcome = sandbox.run(
        [sandbox.ffmpeg_path(), "-v", "error", "-i", f"http://127.0.0.1:{port}/x.ts", "-f", "null", "-"],
        scratch=tmp_path,
        limits=Limits(wall_seconds=20),
        mode=mode,
    )
    assert outcome.returncode != 0
    assert heard == []


def test_the_file_wall_hides_what_lies_outside(tmp_path: Path, secret: Path) -> None:
    walls = sandbox.mode()
    if not walls.files:
        assert "Landlock" not in walls.in_words()
        return
    scratch = tmp_path / "work"
    scratch.mkdir()
    for argv in (
        ["-f", "data", "-i", f"file:{secret}", "-map", "0", "-c", "copy", "-f", "data", "stolen"],
        ["-f", "lavfi", "-i", "sine=duration=1", f"file:{secret.parent}/planted.wav"],
    ):
        outcome = sandbox.run(
            [sandbox.ffmpeg_path(), "-v", "error", *argv], scratch=scratch, limits=Limits(wall_seconds=20)
        )
        assert outcome.returncode != 0
        assert "Permission denied" in outcome.stderr
    assert list(secret.parent.iterdir()) == [secret]
    assert not (scratch / "stolen").exists() or (scratch / "stolen").read_bytes() == b""


def test_a_movie_cannot_take_its_data_from_another_file(tmp_path: Path, standard_film: Path, secret: Path) -> None:
    scratch = tmp_path / "work"
    scratch.mkdir()
    film = mov_with_external_data(f"file://{secret}")(standard_film.read_bytes())
    (scratch / "source").write_bytes(film)
    try:
        facts = probe(scratch)
    except InputRejected:
        return
    argv = commands.remux(facts).argv
    assert argv[argv.index("-enable_drefs") + 1] == "0"


def _outside(root: Path) -> dict[str, tuple[int, int]]:
    """Size and time of change of every file under ``root`` but the scratch directory."""
    return {
        str(path): (path.stat().st_size, path.stat().st_mtime_ns)
        for path in root.rglob("*")
        if path.is_file() and "work" not in path.parts
    }
