"""Caddy from its wheel: the one address a browser talks to."""

from __future__ import annotations

import sys

from devstack import environment
from devstack.credentials import Credentials
from devstack.edge.store import RemoteStore
from devstack.part import Part
from devstack.parts import caddyfile
from devstack.s3 import layout
from devstack.settings import ROOT, Settings


def part(settings: Settings, credentials: Credentials) -> Part:
    """The front door on LMS_PORT, in front of mailbox, media, assets and web."""
    folder = settings.data_dir / "caddy"
    config = folder / "Caddyfile"
    frontend_dist = ROOT / "frontend" / "dist"
    given = settings.external.get("LMS_S3_URL")
    root = layout.object_root(settings.data_dir, environment.BUCKET)
    objects = RemoteStore.parse(given) if given else root

    def prepare() -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings.delivery_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        root.mkdir(parents=True, exist_ok=True)
        config.write_text(caddyfile.write(settings, objects=objects, frontend_dist=frontend_dist))

    return Part(
        name="front",
        title="Front door (Caddy)",
        argv=(sys.executable, "-m", "core.run", "front"),
        env={
            **environment.for_python(),
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "LMS_CADDYFILE": str(config),
        },
        after=(*settings.web_names, "edge", "s3", "mailbox"),
        port=settings.ports["front"],
        port_setting="LMS_PORT",
        prepare=prepare,
    )
