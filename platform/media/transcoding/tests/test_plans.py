"""What is decided before ffmpeg runs, and what is written after it: pure functions."""

from __future__ import annotations

from fractions import Fraction

import pytest

from media.transcoding import ladder, playlists
from media.transcoding.commands import Variant
from media.transcoding.errors import WORDS, InputRejected, clock_words, span_words, words_for
from media.transcoding.playlists import Segment, Track
from media.transcoding.probe import Picture
from media.transcoding.progress import Progress


def picture(width: int, height: int, rate: str = "30", base: str | None = None) -> Picture:
    return Picture(
        index=0, codec="h264", profile="High", level=40, pix_fmt="yuv420p", bit_depth=8, width=width, height=height,
        coded_width=width, coded_height=height, rotation=0, square_pixels=True, interlaced=False,
        average_rate=Fraction(rate), base_rate=Fraction(base or rate), transfer=1, keyframe_gap_seconds=2.0,
        longest_cut_seconds=4.0, language=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("source", "rungs"),
    [
        ((3840, 2160), [(1920, 1080), (1280, 720), (854, 480), (480, 270)]),
        ((1920, 1080), [(1920, 1080), (1280, 720), (854, 480), (480, 270)]),
        ((1600, 900), [(1600, 900), (1280, 720), (854, 480), (480, 270)]),
        ((1280, 720), [(1280, 720), (854, 480), (480, 270)]),
        ((888, 500), [(852, 480), (480, 270)]),
        ((1080, 1920), [(1080, 1920), (720, 1280), (480, 854), (270, 480)]),
        ((320, 180), [(320, 180)]),
        ((319, 179), [(318, 178)]),
        ((1920, 800), [(1728, 720), (1152, 480), (648, 270)]),
        ((4096, 512), [(1152, 144), (648, 80)]),
    ],
)
def test_the_ladder_never_enlarges_and_knows_portrait(source: tuple[int, int], rungs: list[tuple[int, int]]) -> None:
    made = [(rung.width, rung.height) for rung in ladder.rungs_for(picture(*source))]

    assert all(abs(a - c) <= 2 and abs(b - d) <= 2 for (a, b), (c, d) in zip(made, rungs, strict=True))
    assert all(side % 2 == 0 for size in made for side in size)
    assert made[0][0] <= source[0] + 1


@pytest.mark.parametrize(
    ("average", "base", "rate"),
    [
        ("30", "30", Fraction(30)),
        ("60", "60", Fraction(30)),
        ("50", "50", Fraction(25)),
        ("60000/1001", "60000/1001", Fraction(30000, 1001)),
        ("24000/1001", "24000/1001", Fraction(24000, 1001)),
        ("29", "90000", Fraction(30000, 1001)),
        ("7", "30", Fraction(7)),
        ("1/2", "1/2", Fraction(1, 2)),
    ],
)
def test_frame_rates(average: str, base: str, rate: Fraction) -> None:
    assert ladder.rate_for(picture(1280, 720, average, base)) == rate


def test_the_smallest_of_several_rungs_runs_at_half_rate_and_keeps_its_keyframes_aligned() -> None:
    *_, large, small = ladder.rungs_for(picture(1280, 720))
    assert small.rate == 15
    assert small.gop / small.rate == large.gop / large.rate == 2


def track(name: str, width: int, height: int, bits: int, codecs: str = "avc1.64001f") -> Track:
    variant = Variant(name, "picture", width, height, 30.0)
    return Track(variant, (codecs,), "init.mp4", [Segment("seg_00000.m4s", 4.0)], [bits // 2], 800)


def test_a_rung_that_saves_nothing_is_left_out() -> None:
    tracks = [track("1080p", 1920, 1080, 1000), track("720p", 1280, 720, 900), track("480p", 854, 480, 500)]
    assert [one.variant.name for one in playlists.worthwhile(tracks)] == ["1080p", "480p"]


def test_the_master_playlist_declares_what_players_decide_by() -> None:
    sound = Track(Variant("audio", "sound"), ("mp4a.40.2",), "init.mp4", [Segment("seg_00000.m4s", 4.0)], [64_000])
    low = Track(Variant("audio-low", "sound"), ("mp4a.40.2",), "init.mp4", [Segment("seg_00000.m4s", 4.0)], [24_000])
    master = playlists.master_playlist([track("720p", 1280, 720, 1_000_000), sound, low], language="deu")

    assert 'NAME="Deutsch",LANGUAGE="de"' in master
    assert "BANDWIDTH=1128000" in master
    assert 'CODECS="avc1.64001f,mp4a.40.2",RESOLUTION=1280x720,FRAME-RATE=30.000,AUDIO="sound"' in master
    assert master.endswith('CODECS="mp4a.40.2"\naudio-low/index.m3u8\n')


def test_a_playlist_grows_as_an_event_and_ends_as_vod() -> None:
    segments = [Segment("seg_00000.m4s", 4.0), Segment("seg_00001.m4s", 2.5)]
    growing = playlists.media_playlist("init.mp4", segments, target_seconds=5, ended=False)
    ended = playlists.media_playlist("init.mp4", segments, target_seconds=5, ended=True)

    assert "PLAYLIST-TYPE:EVENT" in growing
    assert "ENDLIST" not in growing
    assert "PLAYLIST-TYPE:VOD" in ended
    assert ended.endswith("#EXT-X-ENDLIST\n")
    assert "TARGETDURATION:5" in growing
    assert "TARGETDURATION:5" in ended
    assert playlists.parse(ended) == ("init.mp4", segments)


@pytest.mark.parametrize(
    ("language", "tag"), [("eng", "en"), ("und", None), (None, None), ('x"\n', None), ("gsw", "gsw")]
)
def test_languages(language: str | None, tag: str | None) -> None:
    assert playlists.language_tag(language) == tag


def test_progress_is_read_and_never_goes_back() -> None:
    progress = Progress(10.0)
    for line in ("out_time_us=N/A", "speed=N/A", "out_time_us=5000000", "speed=2.5x", "out_time_us=4000000"):
        progress.read(line)
    assert progress.permille == 500
    assert progress.eta_seconds == 2
    progress.read("progress=end")
    assert progress.permille == 1000


def test_every_refusal_has_words() -> None:
    for code, (title, detail) in WORDS.items():
        assert title[0].isupper()
        assert not title.endswith(".")
        assert detail.endswith(".")
        assert "!" not in detail
        assert "please" not in detail.lower()
        assert "{" not in "".join(words_for(code))
    assert InputRejected("codec", codec="Indeo 5").title == "The video uses Indeo 5"
    assert clock_words(3725) == "1:02:05"
    assert span_words(45) == "45\N{NO-BREAK SPACE}s"
