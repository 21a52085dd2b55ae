"""Our side of the pipe to the process that opens pictures."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import threading
from dataclasses import dataclass

from apps.branding.errors import PictureRefused
from apps.branding.imaging import limits
from core.errors import TooManyRequests

_drawing = threading.BoundedSemaphore(limits.MAX_AT_ONCE)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One file that was made of a picture; sizes in pixels."""

    name: str
    extension: str
    width: int
    height: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """What came in (its kind in words, its size) and what was made of it."""

    kind: str
    width: int
    height: int
    files: tuple[Drawn, ...]


def render(content: bytes, use: str) -> Picture:
    """Return the files of ``use`` drawn from an uploaded picture. Takes a tenth of a second; at most 20 seconds.

    Raises:
        PictureRefused: it can't be used; the words say why and what can.
        TooManyRequests: others are being drawn, for longer than one may wait.
    """
    if not content:
        raise PictureRefused("empty_file")
    if len(content) > limits.MAX_BYTES:
        raise PictureRefused("too_large", bytes=len(content))
    if not _drawing.acquire(timeout=limits.WAIT_SECONDS):
        raise TooManyRequests(retry_after_seconds=limits.WAIT_SECONDS)
    try:
        # -I: nothing of this process's environment or folder decides what the other one imports.
        done = subprocess.run(
            [sys.executable, "-I", "-m", "apps.branding.imaging.draw", use],
            input=content,
            capture_output=True,
            timeout=limits.WALL_SECONDS,
            check=False,
            env={},
        )
    except subprocess.TimeoutExpired as slow:
        raise PictureRefused("too_complex") from slow
    finally:
        _drawing.release()
    if done.returncode != 0:
        raise PictureRefused("too_complex")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise PictureRefused(answer.pop("error"), **answer)
    return Picture(
        kind=answer["kind"],
        width=answer["width"],
        height=answer["height"],
        files=tuple(Drawn(**{**file, "content": base64.b64decode(file["content"])}) for file in answer["files"]),
    )
