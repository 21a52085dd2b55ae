"""Rich text: the editor's JSON in, cleaned JSON and sanitised HTML out.

The HTML is rendered here, on the server, from a small list of node types; nothing of what a client sent reaches the
page but text and a few checked attributes. nh3 (ammonia) reads the result once more with the same list as a last lock,
so a mistake in the renderer is still no way in.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import urlsplit

import nh3

MAX_NODES = 20_000
MAX_DEPTH = 24
LINK_REL = "noopener noreferrer"
LINK_SCHEMES = frozenset({"http", "https", "mailto"})
_LANGUAGE = re.compile(r"[a-z0-9+#-]{1,24}")
_CONTROL = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff]")

_BLOCKS = frozenset({"paragraph", "heading", "bulletList", "orderedList", "blockquote", "codeBlock", "horizontalRule"})
_INLINE = frozenset({"text", "hardBreak"})
_CHILDREN: dict[str, frozenset[str]] = {
    "doc": _BLOCKS,
    "paragraph": _INLINE,
    "heading": _INLINE,
    "bulletList": frozenset({"listItem"}),
    "orderedList": frozenset({"listItem"}),
    "listItem": _BLOCKS,
    "blockquote": _BLOCKS,
    "codeBlock": frozenset({"text"}),
    "horizontalRule": frozenset(),
    "hardBreak": frozenset(),
}
# Outermost first: the order in which marks wrap a text is ours, not the sender's, so equal texts give equal HTML.
_MARKS = {
    "link": "a",
    "highlight": "mark",
    "bold": "strong",
    "italic": "em",
    "underline": "u",
    "strike": "s",
    "superscript": "sup",
    "subscript": "sub",
    "code": "code",
}
_TAGS = frozenset({"p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "hr", "br", *_MARKS.values()})


class BadDocument(ValueError):
    """The document holds something that no lesson may hold. The message says what, in words."""


@dataclass(frozen=True, slots=True)
class RichText:
    """A cleaned document with its two renderings."""

    doc: dict[str, Any]
    html: str
    plain: str


def render(document: Any) -> RichText:
    """Clean ``document`` (TipTap JSON) and render it.

    Unknown marks and attributes are dropped, a link that leads nowhere safe loses its link and keeps its words;
    an unknown node is refused, because dropping it would lose what somebody wrote.

    Raises:
        BadDocument: no document, an unknown node, a node in the wrong place, or too large.
    """
    if not isinstance(document, dict) or document.get("type") != "doc":
        raise BadDocument("A text must be an editor document.")
    cleaner = _Cleaner()
    doc = cleaner.node(document, 0)
    html = "".join(_block(child) for child in doc.get("content", ()))
    return RichText(doc=doc, html=sanitise(html), plain=_plain(doc))


def sanitise(html: str) -> str:
    """Return ``html`` with nothing in it but the tags and attributes that :func:`render` makes."""
    return nh3.clean(
        html,
        tags=set(_TAGS),
        clean_content_tags={"script", "style"},
        attributes={"a": {"href", "target"}, "ol": {"start"}, "code": {"class"}},
        attribute_filter=_attribute,
        url_schemes=set(LINK_SCHEMES),
        link_rel=LINK_REL,
    )


def safe_href(value: Any) -> str | None:
    """Return ``value`` as a link target, or None where it could run code or lead to an unclear place."""
    if not isinstance(value, str) or len(value) > 2048:
        return None
    # Browsers drop control characters inside a scheme ("java\tscript:"), so they go before anything is judged.
    href = _CONTROL.sub("", value)
    if href.startswith("/") and not href.startswith(("//", "/\\")):
        return href
    try:
        parts = urlsplit(href)
    except ValueError:
        return None
    if parts.scheme.lower() not in LINK_SCHEMES:
        return None
    if parts.scheme.lower() != "mailto" and not parts.netloc:
        return None
    return href


class _Cleaner:
    """Copies only what is known, and counts, so that a document cannot be made to cost without bound."""

    def __init__(self) -> None:
        self.seen = 0

    def node(self, node: Any, depth: int) -> dict[str, Any]:
        self.seen += 1
        if self.seen > MAX_NODES:
            raise BadDocument(f"A text has at most {MAX_NODES} parts. Split it into several lessons.")
        if depth > MAX_DEPTH:
            raise BadDocument(f"A text nests at most {MAX_DEPTH} levels deep.")
        if not isinstance(node, dict):
            raise BadDocument("A part of the text is not readable.")
        kind = node.get("type")
        if kind == "text":
            return self._text(node)
        if not isinstance(kind, str) or kind not in _CHILDREN:
            raise BadDocument(f"A text cannot hold {str(kind)[:40]!r}.")
        out: dict[str, Any] = {"type": kind}
        if attrs := _attrs(kind, node.get("attrs")):
            out["attrs"] = attrs
        content = node.get("content")
        if content is not None and not isinstance(content, list):
            raise BadDocument("A part of the text is not readable.")
        children = [self.node(child, depth + 1) for child in content or ()]
        for child in children:
            if child["type"] not in _CHILDREN[kind]:
                raise BadDocument(f"{child['type']!r} cannot stand inside {kind!r}.")
        if children := [child for child in children if child["type"] != "text" or child["text"]]:
            out["content"] = children
        return out

    @staticmethod
    def _text(node: dict[str, Any]) -> dict[str, Any]:
        text = node.get("text")
        if not isinstance(text, str):
            raise BadDocument("A part of the text is not readable.")
        out: dict[str, Any] = {"type": "text", "text": text.replace("\x00", "")}
        given: dict[str, Any] = {}
        for mark in node.get("marks") or ():
            if isinstance(mark, dict) and isinstance(mark.get("type"), str):
                given[mark["type"]] = mark
        marks: list[dict[str, Any]] = []
        for kind in _MARKS:
            if kind not in given:
                continue
            if kind != "link":
                marks.append({"type": kind})
                continue
            attrs = given[kind].get("attrs")
            href = safe_href(attrs.get("href")) if isinstance(attrs, dict) else None
            if href is not None:
                marks.append({"type": "link", "attrs": {"href": href}})
        if marks:
            out["marks"] = marks
        return out


def _attrs(kind: str, given: Any) -> dict[str, Any]:
    attrs = given if isinstance(given, dict) else {}
    if kind == "heading":
        level = attrs.get("level")
        # The page's own title is the h1; what an author writes begins below it.
        return {"level": min(4, max(2, level)) if isinstance(level, int) else 2}
    if kind == "orderedList":
        start = attrs.get("start")
        if isinstance(start, int) and not isinstance(start, bool) and 1 < start < 1_000_000:
            return {"start": start}
    if kind == "codeBlock":
        language = attrs.get("language")
        if isinstance(language, str) and _LANGUAGE.fullmatch(language):
            return {"language": language}
    return {}


def _attribute(tag: str, name: str, value: str) -> str | None:
    """nh3 asks this for every attribute that its list let through."""
    if tag == "code":
        prefix, dash, language = value.partition("-")
        return value if prefix + dash == "language-" and _LANGUAGE.fullmatch(language) else None
    if tag == "ol":
        return value if value.isascii() and value.isdigit() else None
    if name == "target":
        return value if value == "_blank" else None
    return value


def _inner(node: dict[str, Any], one: Callable[[dict[str, Any]], str]) -> str:
    return "".join(one(child) for child in node.get("content", ()))


def _block(node: dict[str, Any]) -> str:
    kind = node["type"]
    attrs = node.get("attrs", {})
    match kind:
        case "paragraph":
            return f"<p>{_inner(node, _inline)}</p>"
        case "heading":
            return f"<h{attrs['level']}>{_inner(node, _inline)}</h{attrs['level']}>"
        case "bulletList":
            return f"<ul>{_inner(node, _block)}</ul>"
        case "orderedList":
            start = f' start="{attrs["start"]}"' if "start" in attrs else ""
            return f"<ol{start}>{_inner(node, _block)}</ol>"
        case "listItem":
            return f"<li>{_inner(node, _block)}</li>"
        case "blockquote":
            return f"<blockquote>{_inner(node, _block)}</blockquote>"
        case "codeBlock":
            language = f' class="language-{escape(attrs["language"])}"' if "language" in attrs else ""
            text = "".join(escape(child["text"], quote=False) for child in node.get("content", ()))
            return f"<pre><code{language}>{text}</code></pre>"
        case "horizontalRule":
            return "<hr>"
    raise BadDocument(f"A text cannot hold {kind!r}.")


def _inline(node: dict[str, Any]) -> str:
    if node["type"] == "hardBreak":
        return "<br>"
    html = escape(node["text"], quote=False)
    for mark in reversed(node.get("marks", ())):
        tag = _MARKS[mark["type"]]
        if tag == "a":
            href = mark["attrs"]["href"]
            target = "" if href.startswith("/") else ' target="_blank"'
            html = f'<a href="{escape(href)}"{target}>{html}</a>'
        else:
            html = f"<{tag}>{html}</{tag}>"
    return html


def _plain(node: dict[str, Any]) -> str:
    """Return the words of a document, a line a block: what is searched and counted."""
    lines: list[str] = []

    def walk(current: dict[str, Any]) -> str:
        if current["type"] == "text":
            return str(current["text"])
        if current["type"] == "hardBreak":
            return "\n"
        inner = "".join(walk(child) for child in current.get("content", ()))
        if current["type"] in {"paragraph", "heading", "codeBlock"}:
            if inner.strip():
                lines.append(inner.strip())
            return ""
        return inner

    walk(node)
    return "\n".join(lines)
