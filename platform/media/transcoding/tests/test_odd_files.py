"""Unusual but honest files: each becomes something to watch or to hear."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from media.transcoding import commands
from media.transcoding.errors import InputRejected
from media.transcoding.probe import Probe, probe
from media.transcoding.tests import clips


def test_a_standard_film_is_copied_then_laddered(tmp_path: Path, standard_film: Path) -> None:
    seen = []
    stages, stores, made = clips.all_stages(tmp_path, standard_film, seen.append)

    assert stages == ["remux", "ladder"]
    assert seen == [] or seen[0].growing  # three seconds may end before the first look
    assert (tmp_path / "poster.jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    assert stores["remux"].written[-1] == "master.m3u8"
    assert clips.durations(stores["remux"], "source") == pytest.approx(3, abs=0.15)
    assert clips.durations(stores["ladder"], "180p") == pytest.approx(3, abs=0.15)
    assert clips.durations(stores["ladder"], "audio-low") == pytest.approx(3, abs=0.15)
    assert [one.name for one in made["ladder"].renditions] == ["180p", "audio", "audio-low"]
    assert made["ladder"].bytes == sum(
        path.stat().st_size for path in stores["ladder"].root.rglob("*") if path.suffix in (".m4s", ".mp4")
    )


def test_files_are_stored_with_the_headers_that_a_cdn_needs(tmp_path: Path, standard_film: Path) -> None:
    _, stores, _ = clips.all_stages(tmp_path, standard_film)

    headers = stores["ladder"].headers
    assert headers["master.m3u8"] == ("application/vnd.apple.mpegurl", "public, max-age=31536000, immutable")
    assert headers["180p/init.mp4"][0] == "video/mp4"
    assert headers["180p/seg_00000.m4s"] == ("video/iso.segment", "public, max-age=31536000, immutable")


def test_a_film_without_sound(tmp_path: Path) -> None:
    film = clips.make(tmp_path / "mute.mp4", sound=False)
    stages, stores, made = clips.all_stages(tmp_path / "work", film)

    assert stages == ["remux", "ladder"]
    assert [one.name for one in made["ladder"].renditions] == ["180p"]
    assert "AUDIO" not in (stores["ladder"].root / "master.m3u8").read_text()


@pytest.mark.parametrize("name", ["talk.m4a", "talk.mp3", "talk.ogg", "talk.wav", "talk.flac"])
def test_sound_alone(tmp_path: Path, name: str) -> None:
    codec = {"talk.m4a": "aac", "talk.mp3": "libmp3lame", "talk.ogg": "libvorbis", "talk.wav": "pcm_s16le"}
    film = clips.make(tmp_path / name, "-c:a", codec.get(name, "flac"), picture=False)
    stages, stores, made = clips.all_stages(tmp_path / "work", film)

    assert stages[0] == ("remux" if name == "talk.m4a" else "fast")
    master = (stores["ladder"].root / "master.m3u8").read_text()
    assert master.count("#EXT-X-STREAM-INF") == 2
    assert "RESOLUTION" not in master
    assert made["ladder"].renditions[0].codecs == "mp4a.40.2"


def test_an_mp3_with_a_cover_is_sound_with_a_poster(tmp_path: Path) -> None:
    cover = tmp_path / "cover.png"
    clips.ffmpeg("-f", "lavfi", "-i", "testsrc=size=300x300", "-frames:v", "1", str(cover))
    song = tmp_path / "song.mp3"
    clips.ffmpeg(
        "-f", "lavfi", "-i", "sine=440:duration=2", "-i", str(cover), "-map", "0", "-map", "1", "-c:a", "libmp3lame",
        "-disposition:v:0", "attached_pic", str(song),
    )  # fmt: skip

    stages, _, made = clips.all_stages(tmp_path / "work", song)

    assert stages == ["fast", "ladder"]
    assert [one.name for one in made["ladder"].renditions] == ["audio", "audio-low"]
    assert (tmp_path / "work" / "poster.jpg").exists()


def test_portrait_by_rotation_is_upright(tmp_path: Path, standard_film: Path) -> None:
    film = tmp_path / "phone.mp4"
    clips.ffmpeg("-display_rotation", "90", "-i", str(standard_film), "-c", "copy", str(film))
    stages, _, made = clips.all_stages(tmp_path / "work", film)

    facts = probe(tmp_path / "work")
    assert facts.picture is not None
    assert (facts.picture.width, facts.picture.height) == (180, 320)
    assert stages == ["fast", "ladder"]
    assert (made["ladder"].renditions[0].width, made["ladder"].renditions[0].height) == (180, 320)
    assert facts.poster == (180, 320)


def test_a_variable_frame_rate_becomes_a_fixed_one(tmp_path: Path) -> None:
    film = clips.make(
        tmp_path / "screen.mp4", "-vf", "select='not(mod(n\\,7))+lt(mod(n\\,30)\\,9)'", "-fps_mode", "vfr", *clips.H264,
        *clips.AAC,
    )  # fmt: skip
    stages, stores, made = clips.all_stages(tmp_path / "work", film)

    facts = probe(tmp_path / "work")
    assert facts.picture is not None
    assert facts.picture.is_variable
    assert "FRAME-RATE=" in (stores["ladder"].root / "master.m3u8").read_text()
    assert made["ladder"].seconds == pytest.approx(3, abs=0.3)
    assert stages[1] == "ladder"


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("odd.webm", ("-vf", "crop=319:179", "-c:v", "libvpx-vp9", "-cpu-used", "8", "-c:a", "libopus")),
        ("ten.mp4", ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-c:a", "aac")),
        ("full.mkv", ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv444p", "-c:a", "flac")),
        ("stretched.mp4", ("-vf", "setsar=4/3", *clips.H264, *clips.AAC)),
        ("tv.ts", (*clips.H264, *clips.AAC)),
        ("old.avi", ("-c:v", "mpeg4", "-c:a", "libmp3lame")),
        ("flash.flv", ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100")),
        ("sixty.mov", ("-r", "60", *clips.H264, *clips.AAC)),
        ("fields.mp4", ("-flags", "+ilme+ildct", *clips.H264, "-x264-params", "tff=1", *clips.AAC)),
        ("surround.mp4", (*clips.H264, "-ac", "6", *clips.AAC)),
    ],
)
def test_odd_formats_end_ready(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    film = clips.make(tmp_path / name, *options, seconds=2)
    stages, stores, made = clips.all_stages(tmp_path / "work", film)

    assert stages == ["fast", "ladder"] or name == "sixty.mov"
    first = made["ladder"].renditions[0]
    assert first.width is not None
    assert first.height is not None
    assert first.width % 2 == 0
    assert first.height % 2 == 0
    assert first.codecs.startswith("avc1.6400")
    assert clips.durations(stores["ladder"], first.name) == pytest.approx(2, abs=0.2)


def test_a_browser_recording_without_a_length_is_measured(tmp_path: Path) -> None:
    recording = tmp_path / "recording.webm"
    film = clips.make(tmp_path / "a.webm", "-c:v", "libvpx", "-cpu-used", "8", "-c:a", "libopus", "-live", "1")
    recording.write_bytes(film.read_bytes())
    clips.place(tmp_path / "work", recording)

    assert probe(tmp_path / "work").duration_seconds == pytest.approx(3, abs=0.2)


def test_a_probe_survives_its_own_json(tmp_path: Path, standard_film: Path) -> None:
    clips.place(tmp_path, standard_film)
    facts = probe(tmp_path)

    assert Probe.from_json(facts.to_json()) == facts
    assert facts.picture is not None
    assert facts.picture.base_rate == Fraction(30)
    assert facts.picture.keyframe_gap_seconds == pytest.approx(1, abs=0.05)


def test_sparse_keyframes_are_not_copied(tmp_path: Path) -> None:
    film = clips.make(
        tmp_path / "sparse.mp4",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-g",
        "9999",
        *clips.AAC,
        rate="5",
        seconds=12,
    )
    clips.place(tmp_path / "work", film)

    assert probe(tmp_path / "work").why_not_standard() == "keyframe distance"


def test_a_codec_nobody_reads_is_named(tmp_path: Path, standard_film: Path) -> None:
    strange = tmp_path / "strange.mp4"
    strange.write_bytes(standard_film.read_bytes().replace(b"avc1", b"zzz1").replace(b"mp4a", b"zzz2"))
    clips.place(tmp_path / "work", strange)

    with pytest.raises(InputRejected) as refusal:
        probe(tmp_path / "work")
    assert refusal.value.code in ("codec", "nothing_to_play", "unreadable")


def test_high_dynamic_range_is_mapped_to_what_every_screen_shows(tmp_path: Path) -> None:
    film = clips.make(
        tmp_path / "hdr.mp4",
        *("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params"),
        "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:log-level=error",
        *("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc", "-c:a", "aac"),
        seconds=1,
    )
    _, stores, made = clips.all_stages(tmp_path / "work", film)

    facts = probe(tmp_path / "work")
    assert facts.picture is not None
    assert facts.picture.is_hdr
    assert "tonemap" in " ".join(commands.ladder(facts).argv)
    assert made["ladder"].renditions[0].codecs.startswith("avc1.64")
    assert clips.durations(stores["ladder"], "180p") == pytest.approx(1, abs=0.1)
