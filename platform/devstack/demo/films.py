"""Films for the demo: slides with a moving hand, drawn by Pillow and put together by ffmpeg, with a quiet chord."""

from __future__ import annotations

import math
import subprocess
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT, RATE = 1280, 720, 30


@dataclass(frozen=True)
class Slide:
    """What one slide says, for how many seconds, and the sentence that is spoken over it."""

    heading: str
    lines: tuple[str, ...]
    spoken: str
    seconds: int = 8


@dataclass(frozen=True)
class Film:
    """Slides in the colours of their organization."""

    name: str
    slides: tuple[Slide, ...]
    ground: str
    ink: str
    spark: str
    pitch: float = 220.0

    @property
    def seconds(self) -> int:
        """How long the film runs."""
        return sum(slide.seconds for slide in self.slides)


def make(film: Film, target: Path, *, ffmpeg: str) -> Path:
    """Write ``film`` as H.264 and AAC in MP4 at ``target``; a file that is there already is kept."""
    if target.exists():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    pictures = []
    for number, slide in enumerate(film.slides):
        picture = target.with_name(f"{target.stem}-{number}.png")
        _draw(film, slide, number).save(picture)
        pictures.append((picture, slide.seconds))
    inputs = [part for picture, seconds in pictures for part in ("-loop", "1", "-t", str(seconds), "-i", str(picture))]
    joined = "".join(f"[{n}:v]" for n in range(len(pictures)))
    # The playhead moves along the foot of the picture, so that any frame says how far the film is.
    filters = (
        f"{joined}concat=n={len(pictures)}:v=1:a=0,fps={RATE},format=yuv420p[slides];"
        f"color=c={film.spark}:s={WIDTH}x8:r={RATE}:d={film.seconds}[bar];"
        f"[slides][bar]overlay=x='-W+W*t/{film.seconds}':y=H-8:shortest=1[video]"
    )
    partial = target.with_suffix(".part.mp4")
    command = [ffmpeg, "-nostdin", "-y", "-v", "error", *inputs, "-f", "lavfi", "-i", _chord(film)]
    command += ["-filter_complex", filters, "-map", "[video]", "-map", f"{len(pictures)}:a", "-t", str(film.seconds)]
    command += [
        "-c:v",
        "libx264",
        "-preset",
        "veryfast",
        "-crf",
        "23",
        "-g",
        str(2 * RATE),
        "-c:a",
        "aac",
        "-b:a",
        "96k",
    ]
    subprocess.run([*command, "-movflags", "+faststart", str(partial)], check=True)
    for picture, _ in pictures:
        picture.unlink()
    return partial.rename(target)


def captions(film: Film) -> str:
    """Return what is spoken as WebVTT, one sentence a cue."""
    blocks, clock = ["WEBVTT"], 0.0
    for slide in film.slides:
        sentences = [part.strip() + "." for part in slide.spoken.rstrip(".").split(". ")]
        step = slide.seconds / len(sentences)
        for sentence in sentences:
            blocks.append(f"{_stamp(clock)} --> {_stamp(clock + step - 0.1)}\n{sentence}")
            clock += step
    return "\n\n".join(blocks) + "\n"


def _draw(film: Film, slide: Slide, number: int) -> Image.Image:
    picture = Image.new("RGB", (WIDTH, HEIGHT), film.ground)
    draw = ImageDraw.Draw(picture)
    _curve(draw, film, number)
    draw.text((80, 84), slide.heading, font=ImageFont.load_default(58), fill=film.ink)
    for row, line in enumerate(slide.lines):
        y = 220 + row * 64
        draw.rectangle((80, y + 12, 92, y + 24), fill=film.spark)
        draw.text((120, y), line, font=ImageFont.load_default(32), fill=film.ink)
    return picture


def _curve(draw: ImageDraw.ImageDraw, film: Film, number: int) -> None:
    """Draw an I-V curve with one more step a slide: something to look at that belongs to the subject."""
    left, right, top, bottom = 700, 1200, 400, 620
    draw.line((left, top - 30, left, bottom, right, bottom), fill=film.ink, width=3)
    points = []
    for x in range(left, right, 4):
        share = (x - left) / (right - left)
        step = sum(0.16 / (1 + math.exp(-40 * (share - 0.25 * (k + 1)))) for k in range(min(number, 3)))
        level = max(0.0, 1 - step - math.exp(14 * (share - 0.98)))
        points.append((x, bottom - level * (bottom - top)))
    draw.line(points, fill=film.spark, width=6, joint="curve")


def _chord(film: Film) -> str:
    tones = "+".join(f"0.05*sin(2*PI*{film.pitch * ratio:.1f}*t)" for ratio in (1, 1.25, 1.5))
    return f"aevalsrc='({tones})*(0.7+0.3*sin(2*PI*0.2*t))':s=48000:c=stereo:d={film.seconds}"


def _stamp(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"00:{int(minutes):02d}:{rest:06.3f}"
