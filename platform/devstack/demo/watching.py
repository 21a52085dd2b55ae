"""A learner of the demo who plays films to their end, so that there is something delivered to be counted."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

from devstack.demo.browser import Browser


def watch(learner: Browser, school: dict[str, Any]) -> int:
    """Fetch every film of the learner's course as the player does, in its best version; return how many bytes came.

    Raises:
        Refused: with the product's own words.
    """
    came = 0
    for title in school["assets"]:
        lesson = f"/api/v1/enrollments/{school['enrollment_id']}/items/{school['lessons'][title]}/"
        grant = learner.call("POST", f"{lesson}grant/")
        query = str(grant.get("query") or "")
        manifest = urlsplit(grant["manifest_url"]).path
        versions = _names(_text(learner, manifest, query))
        playlist = urljoin(manifest, versions[-1])
        text = _text(learner, playlist, query)
        header = re.findall(r'^#EXT-X-MAP:.*URI="([^"]+)"', text, re.M)
        for name in [*header, *_names(text)]:
            came += len(learner.read(_signed(urljoin(playlist, name), query)))
    return came


def _names(playlist: str) -> list[str]:
    return [line for line in playlist.splitlines() if line and not line.startswith("#")]


def _text(learner: Browser, path: str, query: str) -> str:
    return learner.read(_signed(path, query)).decode()


def _signed(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
