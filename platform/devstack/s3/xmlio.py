"""The XML S3 speaks: what is read is parsed without entities or document types, what is written is escaped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat
from xml.sax.saxutils import escape

from devstack.s3.errors import S3Error

_NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"

# A value is text, or a list of (name, value); a list of such pairs may repeat a name.
Value = str | int | bool | list[tuple[str, "Value"]]


def render(root: str, children: list[tuple[str, Value]]) -> bytes:
    """Return an XML document in S3's namespace."""
    body = "".join(_element(name, value) for name, value in children)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_NAMESPACE}">{body}</{root}>'.encode()


def when(seconds: float) -> str:
    """Return an instant (seconds since 1970) as S3 writes it in XML."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def url_encoded(key: str) -> str:
    """Return a key as it stands in an answer with ``encoding-type=url``."""
    return quote(key, safe="/-_.~*")


def parse(body: bytes) -> Element:
    """Return the root of an XML document; tags lose their namespace.

    Raises:
        S3Error: MalformedXML, also for anything with a document type or entities.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = lambda tag, attributes: builder.start(tag.rpartition("}")[2], {})
    parser.EndElementHandler = lambda tag: builder.end(tag.rpartition("}")[2])
    parser.CharacterDataHandler = builder.data
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    try:
        parser.Parse(body, True)
        return builder.close()
    except (expat.ExpatError, AssertionError, ValueError) as error:
        raise S3Error("MalformedXML", "The XML you provided was not well-formed.") from error


def text(element: Element, name: str) -> str:
    """Return the text of the one child of that name.

    Raises:
        S3Error: MalformedXML where there is none.
    """
    found = element.find(name)
    if found is None or not found.text:
        raise S3Error("MalformedXML", f"{name} is missing.")
    return found.text.strip() if name != "Key" else found.text


def children(element: Element, name: str, *, most: int) -> Iterable[Element]:
    """Return the children of that name.

    Raises:
        S3Error: MalformedXML for none or more than ``most``.
    """
    found = element.findall(name)
    if not 1 <= len(found) <= most:
        raise S3Error("MalformedXML", f"1 to {most} {name} are allowed.")
    return found


def _element(name: str, value: Value) -> str:
    if isinstance(value, list):
        inner = "".join(_element(child, inner_value) for child, inner_value in value)
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(str(value))
    return f"<{name}>{inner}</{name}>"


def _refuse(*_: object) -> None:
    raise ValueError("document types and entities are not allowed")
