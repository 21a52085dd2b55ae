"""The bodies of items: what an author sent becomes what is stored, served and hashed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.courses import rich_text
from apps.courses.canonical import NotCanonical, canonical, canonical_bytes, digest
from apps.courses.errors import BodyRefused

VERSION = 1
MAX_BLOCKS = 200
MAX_BODY_BYTES = 1_048_576
EMPTY_LESSON: dict[str, Any] = {"blocks": [], "v": VERSION}


@dataclass(frozen=True, slots=True)
class Body:
    """A body in canonical form, with what can be asked of it. ``assets`` are in the order of the text."""

    value: dict[str, Any]
    sha256: str
    size_bytes: int
    plain_text: str
    assets: tuple[UUID, ...]


def lesson_body(given: Any) -> Body:
    """Return the stored form of a lesson: text blocks cleaned and rendered, ids checked, the whole canonical.

    A block's ``html`` is always made here; one that was sent is ignored.

    Raises:
        BodyRefused: names the block (``#/body/blocks/<n>``) and what is wrong with it.
    """
    if not isinstance(given, dict) or given.get("v") != VERSION or not isinstance(given.get("blocks"), list):
        raise BodyRefused(errors={"body": 'A lesson is {"v": 1, "blocks": [...]}.'})
    if len(given["blocks"]) > MAX_BLOCKS:
        raise BodyRefused(errors={"body/blocks": f"A lesson has at most {MAX_BLOCKS} blocks."})
    blocks: list[dict[str, Any]] = []
    words: list[str] = []
    assets: list[UUID] = []
    for number, block in enumerate(given["blocks"]):
        where = f"body/blocks/{number}"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "text":
            text = _text(block.get("doc"), where)
            blocks.append({"type": "text", "doc": text.doc, "html": text.html})
            words.append(text.plain)
        elif kind == "video":
            if assets:
                raise BodyRefused(errors={where: "A lesson has one video. Put the next one into a lesson of its own."})
            assets.append(_asset(block.get("asset"), where))
            blocks.append({"type": "video", "asset": str(assets[-1])})
        else:
            raise BodyRefused(errors={where: f"A lesson cannot hold a block of type {str(kind)[:40]!r}."})
    return _finished({"v": VERSION, "blocks": blocks}, "\n".join(filter(None, words)), tuple(assets))


def _text(document: Any, where: str) -> rich_text.RichText:
    try:
        # Canonical first: text that cannot be stored is refused by name before anything is rendered from it.
        return rich_text.render(canonical(document))
    except (rich_text.BadDocument, NotCanonical) as refused:
        raise BodyRefused(errors={where: _sentence(refused)}) from refused


def _asset(value: Any, where: str) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError) as refused:
        raise BodyRefused(errors={where: "A video block names an asset of the library."}) from refused


def _finished(value: dict[str, Any], plain_text: str, assets: tuple[UUID, ...]) -> Body:
    try:
        stored = canonical(value)
        raw = canonical_bytes(stored)
    except NotCanonical as refused:
        raise BodyRefused(errors={"body": _sentence(refused)}) from refused
    if len(raw) > MAX_BODY_BYTES:
        raise BodyRefused(errors={"body": "A lesson holds at most 1 MB of text. Split it into several lessons."})
    return Body(value=stored, sha256=digest(stored), size_bytes=len(raw), plain_text=plain_text, assets=assets)


def _sentence(refused: Exception) -> str:
    text = str(refused)
    return text if text.endswith(".") else f"It holds {text}."
