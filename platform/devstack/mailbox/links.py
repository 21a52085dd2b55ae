"""Plain text with its web addresses found."""

from __future__ import annotations

import re
from collections.abc import Iterator

LINK = re.compile(r"https?://[^\s<>\"')\]]*[^\s<>\"')\].,;:!?]")


def parts_of(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces, each with whether it is an address."""
    position = 0
    for match in LINK.finditer(text):
        if match.start() > position:
            yield False, text[position : match.start()]
        yield True, match.group()
        position = match.end()
    if position < len(text):
        yield False, text[position:]
