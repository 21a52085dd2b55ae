"""SVG is a program. What is let through is shapes and paint; then it is drawn to pixels and thrown away."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.parsers import expat

_SVG = "{http://www.w3.org/2000/svg}"
_ELEMENTS = frozenset(
    {"svg", "g", "defs", "symbol", "use", "switch", "style", "path", "rect", "circle", "ellipse", "line", "polyline"}
    | {"polygon", "linearGradient", "radialGradient", "stop", "clipPath", "mask", "pattern"}
)
_HREF = "{http://www.w3.org/1999/xlink}href"
_MAX_ELEMENTS = 5_000
_MAX_USES = 200  # <use> of <use> of <use> draws a million shapes from a line of text
_MAX_DRAWN = 20_000  # elements once every <use> stands for what it names
_MAX_DEPTH = 100
_OWN_PAINT = re.compile(r"url\(\s*['\"]?#[\w.:-]+['\"]?\s*\)")


class RefusedSvg(Exception):
    """The file is no SVG that can be drawn; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def clean(content: bytes) -> str:
    """Return ``content`` with nothing left in it but shapes and paint that it holds itself.

    Raises:
        RefusedSvg: ``broken``, ``entities``, ``text`` (letters need a font that we don't have) or ``complex``.
    """
    root = _parse(content)
    if root.tag != f"{_SVG}svg":
        raise RefusedSvg("broken")
    _prune(root)
    elements = list(root.iter())
    if len(elements) > _MAX_ELEMENTS or sum(element.tag == f"{_SVG}use" for element in elements) > _MAX_USES:
        raise RefusedSvg("complex")
    if _drawn(root, {element.get("id", ""): element for element in elements if element.get("id")}) > _MAX_DRAWN:
        raise RefusedSvg("complex")
    ElementTree.register_namespace("", _SVG[1:-1])
    return ElementTree.tostring(root, encoding="unicode")


def _drawn(root: ElementTree.Element, named: dict[str, ElementTree.Element]) -> int:
    """Return how many elements are drawn; whatever names itself, or nests too deep, counts as too many."""
    known: dict[int, int] = {}
    open_now: set[int] = set()

    def weigh(element: ElementTree.Element, depth: int) -> int:
        key = id(element)
        if depth > _MAX_DEPTH or key in open_now:
            return _MAX_DRAWN + 1
        if key not in known:
            open_now.add(key)
            total = 1 + sum(weigh(child, depth + 1) for child in element)
            target = named.get((element.get("href") or element.get(_HREF) or "")[1:])
            if element.tag == f"{_SVG}use" and target is not None:
                total += weigh(target, depth + 1)
            open_now.discard(key)
            known[key] = min(total, _MAX_DRAWN + 1)
        return known[key]

    return weigh(root, 0)


def _parse(content: bytes) -> ElementTree.Element:
    builder = ElementTree.TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")

    def declared(*_arguments: object) -> int:
        raise RefusedSvg("entities")

    # A document type that declares nothing (Illustrator writes one) is harmless; an entity never is.
    parser.EntityDeclHandler = declared
    parser.ExternalEntityRefHandler = declared
    parser.UnparsedEntityDeclHandler = declared
    parser.StartElementHandler = lambda name, attributes: builder.start(
        _qualified(name), {_qualified(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: builder.end(_qualified(name))
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError) as broken:
        raise RefusedSvg("broken") from broken


def _qualified(name: str) -> str:
    return f"{{{name}" if "}" in name else name


def _prune(element: ElementTree.Element) -> None:
    for child in list(element):
        name = child.tag.removeprefix(_SVG) if isinstance(child.tag, str) else ""
        if name in ("text", "tspan", "textPath"):
            raise RefusedSvg("text")
        if name not in _ELEMENTS or (name == "style" and not _is_own_paint(child.text or "")):
            element.remove(child)
        else:
            _prune(child)
    for key, value in list(element.attrib.items()):
        if not _harmless(key, value):
            del element.attrib[key]


def _harmless(key: str, value: str) -> bool:
    if key in ("href", _HREF):
        return value.startswith("#")
    if key.startswith("{") or key.lower().startswith("on"):
        return False
    return _is_own_paint(value)


def _is_own_paint(css: str) -> bool:
    """Whether nothing outside the file is named, once the references to its own gradients are gone."""
    rest = _OWN_PAINT.sub("", css).lower()
    return not any(word in rest for word in ("url(", "@import", "javascript:", "data:", "\\"))
