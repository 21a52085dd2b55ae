"""Ask MediaConvert, its queue of events and the bucket what only they can answer, a line each. Exit 1 where one fails.

With ``--film`` a film of four seconds is really encoded: what is billed for that is some seconds of the smallest rungs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.ids import new_id
from media import prefixes
from media.aws import mediaconvert, mediaconvert_job, queue
from media.aws.mediaconvert import ServiceAway, ServiceRefused
from media.aws.mediaconvert_job import Account, Order
from media.errors import StorageUnavailable
from media.services.objects import store
from media.storage import ObjectGone
from media.transcoding import playlists
from media.transcoding.boxes import codecs_of
from media.transcoding.probe import probe
from media.transcoding.sandbox import ffmpeg_path

# No organization has this id: nothing of anybody lies there.
NOBODY = UUID(int=0)
PATIENCE_SECONDS = 900.0
LOOK_SECONDS = 5.0


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--film", action="store_true", help="encode a film of four seconds, and remove it again")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.TRANSCODER != "mediaconvert":
            raise CommandError("LMS_TRANSCODER is not mediaconvert: films are encoded here.")
        self.failed = 0
        self._line("settings", self._settings)
        self._line("queue of jobs", lambda: mediaconvert.queue_state(settings.MEDIACONVERT_QUEUE))
        self._line("queue of events", self._events)
        if options["film"]:
            self._line("film", self._film)
        if self.failed:
            sys.exit(1)

    def _line(self, what: str, look: Callable[[], str | None]) -> None:
        try:
            found = look()
        except (ServiceAway, ServiceRefused, StorageUnavailable, ObjectGone) as error:
            found, why = None, str(error)
        else:
            why = "missing"
        self.failed += found is None
        self.stdout.write(f"{'ok  ' if found else 'FAIL'} {what}: {found or why}")

    @staticmethod
    def _settings() -> str | None:
        wanted = ("MEDIACONVERT_ROLE", "MEDIACONVERT_QUEUE", "MEDIACONVERT_EVENTS")
        missing = [f"LMS_{name}" for name in wanted if not getattr(settings, name)]
        if missing:
            raise CommandError(f"Not set: {', '.join(missing)}")
        return settings.MEDIACONVERT_ROLE

    @staticmethod
    def _events() -> str | None:
        waiting, policy = queue.state(settings.MEDIACONVERT_EVENTS)
        if not policy:
            return None  # poison would come again for days
        most = json.loads(policy)["maxReceiveCount"]
        return f"{waiting} wait, a message goes aside after {most} deliveries"

    def _film(self) -> str:
        asset_id, rev_id, upload_id = new_id(), new_id(), new_id()
        source = prefixes.source_key(NOBODY, upload_id)
        folder = prefixes.revision_prefix(NOBODY, asset_id, rev_id)
        try:
            with tempfile.TemporaryDirectory() as name:
                film = self._make(Path(name))
                facts = probe(film.parent)
                store().put_file(source, film, content_type="video/mp4")
            bucket = urlsplit(settings.S3_URL).path.strip("/")
            order = Order(
                "ladder", facts, f"s3://{bucket}/{source}", f"s3://{bucket}/{folder}", NOBODY, asset_id, rev_id
            )
            return self._encode(order, folder)
        finally:
            store().delete_prefix(folder)
            store().delete([source])

    def _encode(self, order: Order, folder: str) -> str:
        account = Account(settings.MEDIACONVERT_ROLE, settings.MEDIACONVERT_QUEUE, settings.MEDIACONVERT_KMS_KEY)
        request, began = mediaconvert_job.request(order, account), time.monotonic()
        first, again = mediaconvert.create(request), mediaconvert.create(request)
        if first.remote_id != again.remote_id:
            mediaconvert.cancel(again.remote_id)
            raise ServiceAway("The same token made two jobs.")
        said = mediaconvert.get(first.remote_id)
        while said is not None and not said.is_final and time.monotonic() - began < PATIENCE_SECONDS:
            time.sleep(LOOK_SECONDS)
            said = mediaconvert.get(first.remote_id)
        if said is None or said.status != "COMPLETE":
            raise ServiceAway(f"{said}" if said else "The service forgot its job.")
        took = time.monotonic() - began
        found = mediaconvert.find(source_url=order.source_url, token=order.token)
        if found is None or found.remote_id != first.remote_id:
            raise ServiceAway("The job is not found by its source and token.")
        shown = []
        for variant in mediaconvert_job.variants(order):
            init, segments = playlists.parse(store().read(folder + mediaconvert_job.playlist_of(variant)).decode())
            if init is None or not segments:
                raise ObjectGone(folder + mediaconvert_job.playlist_of(variant))
            for segment in segments:
                store().head(folder + segment.name)
            shown.append(f"{variant.name} {'/'.join(codecs_of(store().read(folder + init)))}")
        return f"{first.remote_id} in {took:.0f} s, asked for twice and made once: {', '.join(shown)}"

    @staticmethod
    def _make(folder: Path) -> Path:
        film = folder / "source"
        picture, sound = "testsrc2=size=640x360:rate=25:duration=4", "sine=frequency=330:duration=4"
        subprocess.run(
            [
                *(ffmpeg_path(), "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound),
                *("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-f", "mp4"),
                str(film),
            ],
            check=True,
            timeout=60,
        )
        return film
