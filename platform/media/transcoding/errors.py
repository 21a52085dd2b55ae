"""Why a file could not be turned into something to watch, in words for the person who uploaded it."""

from __future__ import annotations

from typing import Literal

NBSP = "\N{NO-BREAK SPACE}"

Kind = Literal["input", "resource", "lost"]

# code -> (title, detail). A detail may name figures; ``problem`` fills them in.
WORDS: dict[str, tuple[str, str]] = {
    "empty_file": (
        "The file is empty",
        "The file holds 0 bytes. Look at the copy on your disk, then upload it again.",
    ),
    "playlist": (
        "This is a playlist, not a video",
        "A playlist only points at videos kept elsewhere. Upload the video file itself.",
    ),
    "text": (
        "This is not a video",
        "The file holds text. Upload the film itself, for example an MP4.",
    ),
    "picture": (
        "This is a picture, not a video",
        "Pictures belong in the text of a lesson. Here, upload a film or a sound recording.",
    ),
    "document": (
        "This is a document, not a video",
        "The file is {what}. Upload a film or a sound recording.",
    ),
    "unknown_format": (
        "The file is in no format we know",
        "It does not begin like a video or a sound file. Save it as MP4 (H.264) and upload that.",
    ),
    "truncated": (
        "The file breaks off",
        "It holds {found} of {promised}. The export or the copy was cut short; save it again and upload the new file.",
    ),
    "no_index": (
        "The file breaks off",
        "The part that says where its pictures are is missing. The recording or copy was cut short; save it again and "
        "upload the new file.",
    ),
    "unreadable": (
        "The file cannot be read",
        "It begins like a video, but what follows is damaged. Play it on your own computer first; if it plays there, "
        "save it as MP4 (H.264) and upload that.",
    ),
    "nothing_to_play": (
        "There is nothing to play in this file",
        "It has neither picture nor sound. Choose the file again.",
    ),
    "codec": (
        "The video uses {codec}",
        "We cannot read {codec}. Save it as MP4 (H.264) and try again.",
    ),
    "picture_too_large": (
        "The picture is too large",
        "It is {width}" + NBSP + "×" + NBSP + "{height}. The largest is 8192" + NBSP + "×" + NBSP + "8192.",
    ),
    "too_long": (
        "The video is too long",
        "It runs {found}. The longest is {allowed}; cut it in parts.",
    ),
    "too_many_streams": (
        "The file holds too many tracks",
        "It has {count}. Export it with one picture and one sound track.",
    ),
    "too_much_work": (
        "The video takes too much work to convert",
        "It kept the encoder busy for longer than {limit} and was stopped. Save it as MP4 (H.264) and try again.",
    ),
    "output_too_large": (
        "The video grew past its limit",
        "Its converted form became far larger than a film of this length can be. Save it as MP4 (H.264) and try again.",
    ),
    "not_convertible": (
        "The video could not be converted",
        "It stops being readable at {position}. Save it as MP4 (H.264) and try again.",
    ),
    "out_of_memory": (
        "The video needed more memory than there is",
        "The picture or its encoding is unusually heavy. We try again by ourselves; if it stays so, save it as MP4 "
        "(H.264) at 1080p.",
    ),
    "out_of_space": (
        "There was no room to work",
        "The disk of the video service is full. The upload is safe, and we try again by ourselves.",
    ),
    "storage": (
        "The storage did not answer",
        "The upload is safe, and we try again by ourselves.",
    ),
    "source_gone": (
        "The uploaded file is gone",
        "There is nothing left to convert. Upload the file again.",
    ),
    "stalled": (
        "The encoder stood still",
        "It said nothing for {limit} and was stopped. We try again by ourselves.",
    ),
    "never_ended": (
        "The conversion did not come to an end",
        "It was stopped after {limit}. The upload is safe: press Retry, and tell us if it happens again.",
    ),
    "lost": (
        "The work was interrupted",
        "The machine that converted this video went away. Another takes over.",
    ),
    "internal": (
        "The video service made a mistake",
        "The upload is safe. We try again by ourselves; if it stays so, press Retry or tell us.",
    ),
}


class TranscodingError(Exception):
    """A stage did not come to its end. ``code`` is stable; ``title`` and ``detail`` are for people."""

    kind: Kind = "input"

    def __init__(self, code: str, **figures: object) -> None:
        self.code = code
        title, detail = WORDS[code]
        self.title = title.format(**figures)
        self.detail = detail.format(**figures)
        super().__init__(f"{code}: {self.title}. {self.detail}")


class InputRejected(TranscodingError):
    """The file is at fault: trying again gives the same answer."""

    kind: Kind = "input"


class ResourceShortage(TranscodingError):
    """The machine is at fault: trying later may work."""

    kind: Kind = "resource"


class NeverEnded(TranscodingError):
    """It took far longer than it ever should and was stopped. Whether it is tried again a person says."""

    kind: Kind = "lost"


class LeaseLost(TranscodingError):
    """Someone else has the job by now: stop and publish nothing."""

    kind: Kind = "lost"

    def __init__(self) -> None:
        super().__init__("lost")


def words_for(code: str) -> tuple[str, str]:
    """Title and detail of a stored code whose figures are not known any more."""
    title, detail = WORDS.get(code, WORDS["internal"])
    return (title, detail) if "{" not in title + detail else WORDS["unreadable"]


def clock_words(seconds: float) -> str:
    """``0:07``, ``12:43``, ``1:02:43``."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def span_words(seconds: float) -> str:
    """``45 s``, ``12 min``, ``3 h``, with a no-break space."""
    if seconds < 90:
        return f"{round(seconds)}{NBSP}s"
    if seconds < 5400:
        return f"{round(seconds / 60)}{NBSP}min"
    return f"{round(seconds / 3600)}{NBSP}h"
