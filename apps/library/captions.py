"""Captions: SubRip and WebVTT in, plain cues and clean WebVTT out.

Everything that a player could take for markup, style or position is dropped; what is left is text, escaped again when
it is written. References: W3C WebVTT (cue text, escapes), the SubRip convention (comma before milliseconds).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass

from apps.library.errors import CaptionsRefused

MAX_BYTES = 1_000_000
MAX_CUES = 20_000
MAX_CUE_LENGTH = 2_000

_TIME = r"(?:(\d{1,3}):)?([0-5]?\d):([0-5]\d)[.,](\d{1,3})"
_ARROW = re.compile(rf"^\s*{_TIME}\s*-->\s*{_TIME}(?:\s.*)?$")
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]*>|<\d[\d:.]*>|\{\\[^{}]*\}")
_SKIPPED = ("STYLE", "REGION", "NOTE")


@dataclass(frozen=True, slots=True)
class CueText:
    """One cue, in plain text; times in milliseconds."""

    start_ms: int
    end_ms: int
    text: str


def parse(text: str) -> list[CueText]:
    """The cues of a VTT or SRT text, by time.

    Raises:
        CaptionsRefused: there are none, or a time cannot be; the detail names the line.
    """
    if len(text.encode()) > MAX_BYTES:
        raise CaptionsRefused("The captions are larger than 1\N{NO-BREAK SPACE}MB. Is this the right file?")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cues: list[CueText] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.strip().split(" ")[0] in _SKIPPED and "-->" not in line:
            at = _after_block(lines, at)
            continue
        if "-->" not in line:
            at += 1  # header, blank line or a cue's name
            continue
        start_ms, end_ms = _times(line, at + 1)
        end = _after_block(lines, at + 1)
        words = _plain(lines[at + 1 : end])
        if words:
            cues.append(CueText(start_ms, end_ms, words))
        if len(cues) > MAX_CUES:
            raise CaptionsRefused(f"There are more than {MAX_CUES} captions. Is this the right file?")
        at = end
    if not cues:
        raise CaptionsRefused("There is no caption in this file. It must be WebVTT (.vtt) or SubRip (.srt).")
    return sorted(cues, key=lambda cue: (cue.start_ms, cue.end_ms))


def render(cues: Iterable[CueText]) -> str:
    """WebVTT of plain cues."""
    blocks = ["WEBVTT"]
    for cue in cues:
        words = html.escape(cue.text, quote=False)
        blocks.append(f"{_clock(cue.start_ms)} --> {_clock(cue.end_ms)}\n{words}")
    return "\n\n".join(blocks) + "\n"


def check_against(cues: list[CueText], duration_ms: int) -> None:
    """Refuse captions of another film: most of them would be shown after the end.

    Raises:
        CaptionsRefused
    """
    late = sum(cue.start_ms > duration_ms + 1000 for cue in cues)
    if late * 2 > len(cues):
        raise CaptionsRefused(
            f"The captions run to {_short(cues[-1].end_ms)}, the video ends at {_short(duration_ms)}. "
            "Choose the file that belongs to this video."
        )


def _times(line: str, number: int) -> tuple[int, int]:
    match = _ARROW.match(line)
    if match is None:
        raise CaptionsRefused(
            f"Line {number}: “{line.strip()[:60]}” holds no times like 00:01:02.500 --> 00:01:04.000."
        )
    parts = match.groups()
    start_ms, end_ms = _ms(parts[:4]), _ms(parts[4:])
    if end_ms <= start_ms:
        raise CaptionsRefused(f"Line {number}: the caption ends before it begins.")
    return start_ms, end_ms


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def _after_block(lines: list[str], at: int) -> int:
    while at < len(lines) and lines[at].strip() and "-->" not in lines[at]:
        at += 1
    # A cue that begins right below, without a blank line, may carry its name in the line above.
    return at


def _plain(lines: list[str]) -> str:
    words = []
    for line in lines:
        # Twice: a tag that was escaped must not come to life when it is unescaped.
        text = _TAG.sub("", html.unescape(_TAG.sub("", line)))
        text = "".join(character for character in text if character.isprintable() or character == "\t").strip()
        if text:
            words.append(text)
    return "\n".join(words)[:MAX_CUE_LENGTH]


def _clock(ms: int) -> str:
    seconds, fraction = divmod(ms, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}.{fraction:03}"


def _short(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    return f"{minutes}:{seconds:02}"
