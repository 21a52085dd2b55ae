"""What the miniature MediaConvert does to a film: reads it from the bucket, and lets ffmpeg write each output."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.exceptions import ClientError

from media.aws.s3 import Address
from media.transcoding.sandbox import ffmpeg_path

PLAYLIST_TYPE = "application/x-mpegURL"
SEGMENT_TYPE = "video/mp4"
# The service's codes for what can go wrong with an input.
CODEC, READ, MISSING, NO_VIDEO, NO_AUDIO = 1030, 1076, 1404, 1020, 1021


class InputBroken(Exception):
    """The job ends with one of MediaConvert's error codes."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


class FilmMaker:
    """``s3``: a boto3 client of the store that holds the sources, and gets what is made."""

    def __init__(self, s3: Any) -> None:
        self.s3 = s3
        self.leave_out: set[str] = set()  # names that never arrive in the bucket

    @classmethod
    def at(cls, store_url: str) -> FilmMaker:
        """Return a maker that reads and writes the store that ``LMS_S3_URL`` would name so."""
        address = Address.parse(store_url)
        return cls(
            boto3.client(
                "s3",
                endpoint_url=address.endpoint,
                aws_access_key_id=address.access_key,
                aws_secret_access_key=address.secret_key,
                region_name=address.region,
            )
        )

    def make(self, settings: dict[str, Any], *, progress: Callable[[int], None]) -> None:
        """Make every output of a job's settings.

        Raises:
            InputBroken: as the service would say it.
        """
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            source = folder / "source"
            self._fetch(settings["inputs"][0]["fileInput"], source)
            group = settings["outputGroups"][0]
            packaging = group["outputGroupSettings"]["cmafGroupSettings"]
            target = urlsplit(packaging["destination"])
            prefix, _, base = target.path.lstrip("/").rpartition("/")
            outputs = group["outputs"]
            made = folder / "made"
            made.mkdir()
            for number, output in enumerate(outputs):
                self._run(source, made, base, output, packaging)
                progress(90 * (number + 1) // len(outputs))
            lines = ["#EXTM3U"]
            for output in outputs:
                lines += ["#EXT-X-STREAM-INF:BANDWIDTH=1", f"{base}{output['nameModifier']}.m3u8"]
            (made / f"{base}.m3u8").write_text("\n".join(lines) + "\n")
            for path in sorted(made.iterdir()):
                if path.name in self.leave_out:
                    continue
                self.s3.put_object(
                    Bucket=target.netloc,
                    Key=f"{prefix}/{path.name}",
                    Body=path.read_bytes(),
                    ContentType=PLAYLIST_TYPE if path.suffix == ".m3u8" else SEGMENT_TYPE,
                )

    def _fetch(self, url: str, path: Path) -> None:
        parts = urlsplit(url)
        try:
            self.s3.download_file(parts.netloc, parts.path.lstrip("/"), str(path))
        except ClientError as error:
            raise InputBroken(MISSING, f"Unable to open input file [{url}]") from error

    def _run(self, source: Path, made: Path, base: str, output: dict[str, Any], packaging: dict[str, Any]) -> None:
        name = base + output["nameModifier"]
        picture = output.get("videoDescription")
        extension = "cmfv" if picture else "cmfa"
        done = subprocess.run(
            [
                *(ffmpeg_path(), "-nostdin", "-y", "-v", "error", "-i", str(source), "-map_metadata", "-1"),
                *(_picture(picture) if picture else _sound(output["audioDescriptions"][0])),
                *("-f", "hls", "-hls_time", str(packaging["segmentLength"]), "-hls_list_size", "0"),
                *("-hls_playlist_type", "vod", "-hls_segment_type", "fmp4", "-hls_flags", "independent_segments"),
                *("-hls_fmp4_init_filename", f"{name}init.{extension}"),
                *("-hls_segment_filename", f"{name}_%09d.{extension}", f"{name}.m3u8"),
            ],
            cwd=made,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if done.returncode:
            if re.search(r"matches no streams", done.stderr):
                raise InputBroken(NO_VIDEO if picture else NO_AUDIO, "No such stream in the input")
            raise InputBroken(READ if "Invalid data" in done.stderr else CODEC, done.stderr[-300:])


def _picture(picture: dict[str, Any]) -> list[str]:
    codec = picture["codecSettings"]["h264Settings"]
    rate = f"{codec['framerateNumerator']}/{codec['framerateDenominator']}"
    size = f"scale={picture['width']}:{picture['height']}"
    seconds = codec["gopSize"]
    return [
        *("-map", "0:v:0", "-vf", f"fps={rate},{size},setsar=1,format=yuv420p", "-c:v", "libx264"),
        *("-preset", "ultrafast", "-crf", "30", "-maxrate", str(codec["maxBitrate"])),
        *("-bufsize", str(codec["hrdBufferSize"]), "-sc_threshold", "0"),
        *("-force_key_frames", f"expr:gte(t,n_forced*{seconds})"),
    ]


def _sound(sound: dict[str, Any]) -> list[str]:
    aac = sound["codecSettings"]["aacSettings"]
    channels = {"CODING_MODE_1_0": "1", "CODING_MODE_2_0": "2"}[aac["codingMode"]]
    return [
        *("-map", "0:a:0", "-vn", "-c:a", "aac", "-b:a", str(aac["bitrate"])),
        *("-ac", channels, "-ar", str(aac["sampleRate"])),
    ]
