"""Captions: SubRip and WebVTT in, plain text out, whatever was hidden in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.library.captions import CueText, check_against, parse, render
from apps.library.errors import CaptionsRefused

VTT = """WEBVTT - a title

STYLE
::cue { background: url(http://evil.example/x) }

NOTE this is
a comment

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Ines>Tie the <b>bowline</b>.</v>

01:00:03.000 --> 01:00:04.000
First line
<c.loud>second</c> &amp; last
"""

SRT = """\ufeff1\r
00:00:01,000 --> 00:00:02,000\r
{\\an8}<font color="red">Left</font> over right\r
\r
2\r
00:00:02,500 --> 00:00:04,000\r
and under\r
"""


def test_webvtt_is_read_without_its_markup() -> None:
    assert parse(VTT) == [
        CueText(1000, 2500, "Tie the bowline."),
        CueText(3_603_000, 3_604_000, "First line\nsecond & last"),
    ]


def test_subrip_is_read() -> None:
    assert parse(SRT) == [CueText(1000, 2000, "Left over right"), CueText(2500, 4000, "and under")]


def test_cues_without_a_blank_line_between_them() -> None:
    text = "WEBVTT\n\n00:01.000 --> 00:02.000\none\n00:02.000 --> 00:03.000\ntwo\n"
    assert [cue.text for cue in parse(text)] == ["one", "two"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no caption"),
        ("<html>", "no caption"),
        ("WEBVTT\n\n00:xx --> 00:02.000\nhi\n", "Line 3"),
        ("WEBVTT\n\n00:03.000 --> 00:02.000\nhi\n", "ends before it begins"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n<i></i>\n", "no caption"),
        ("x" * 1_000_001, "1\N{NO-BREAK SPACE}MB"),
    ],
)
def test_what_is_no_caption_file_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(CaptionsRefused) as refusal:
        parse(text)
    assert words in refusal.value.detail


@pytest.mark.parametrize(
    "hidden",
    ["<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;", "&amp;lt;script>", "<img src=x onerror=y>"],
)
def test_nothing_written_is_markup(hidden: str) -> None:
    written = render(parse(f"WEBVTT\n\n00:01.000 --> 00:02.000\nsafe {hidden} words\n"))
    assert "<" not in written.replace("-->", "")
    assert "safe" in written


def test_captions_of_another_film_are_recognised() -> None:
    cues = parse("WEBVTT\n\n10:00.000 --> 10:02.000\nlate\n")
    with pytest.raises(CaptionsRefused) as refusal:
        check_against(cues, 60_000)
    assert "run to 10:02, the video ends at 1:00" in refusal.value.detail


@given(st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        cues = parse(text)
    except CaptionsRefused:
        return
    assert parse(render(cues)) == cues


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10_000_000),
            st.integers(1, 10_000),
            st.text(st.characters(categories=["L", "N", "P", "S"], exclude_characters="-"), min_size=1, max_size=40),
        ),
        min_size=1,
        max_size=8,
    )
)
def test_what_is_written_is_read_again(rows: list[tuple[int, int, str]]) -> None:
    cues = [CueText(start, start + length, text) for start, length, text in rows if text.strip()]
    once = parse(render(cues)) if cues else []
    assert parse(render(once)) == once if once else True
