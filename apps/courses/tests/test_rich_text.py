from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.courses.rich_text import BadDocument, render, safe_href, sanitise


def _doc(*content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "doc", "content": list(content)}


def _paragraph(text: str, *marks: dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [{"type": "text", "text": text, "marks": list(marks)}]}


def _link(href: object) -> dict[str, Any]:
    return {"type": "link", "attrs": {"href": href, "onclick": "steal()", "target": "_top"}}


def test_a_text_is_rendered_with_its_marks() -> None:
    text = render(
        _doc(
            {"type": "heading", "attrs": {"level": 1}, "content": [{"type": "text", "text": "Safety"}]},
            _paragraph("Read <this> & that", {"type": "bold"}, {"type": "italic"}),
            {
                "type": "orderedList",
                "attrs": {"start": 3},
                "content": [{"type": "listItem", "content": [_paragraph("one")]}],
            },
            {"type": "codeBlock", "attrs": {"language": "python"}, "content": [{"type": "text", "text": "a < b"}]},
            {"type": "horizontalRule"},
        )
    )
    assert text.html == (
        "<h2>Safety</h2><p><strong><em>Read &lt;this&gt; &amp; that</em></strong></p>"
        '<ol start="3"><li><p>one</p></li></ol><pre><code class="language-python">a &lt; b</code></pre><hr>'
    )
    assert text.plain == "Safety\nRead <this> & that\none\na < b"


def test_links_open_elsewhere_without_a_way_back() -> None:
    html = render(_doc(_paragraph("docs", _link("https://example.org/a?b=1&c=2")))).html
    assert html == (
        '<p><a href="https://example.org/a?b=1&amp;c=2" target="_blank" rel="noopener noreferrer">docs</a></p>'
    )


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        " java\tscript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "//evil.example/",
        "/\\evil.example/",
        "\u200bjavascript:alert(1)",
        "https:///",
        "http:relative",
        None,
        7,
        "x" * 3000,
    ],
)
def test_a_link_that_leads_nowhere_safe_keeps_its_words_only(href: object) -> None:
    text = render(_doc(_paragraph("words", _link(href))))
    assert text.html == "<p>words</p>"
    assert safe_href(href) is None


@pytest.mark.parametrize("kind", ["script", "iframe", "form", "style", "image", "html", "", None, 3])
def test_an_unknown_node_is_refused_in_words(kind: object) -> None:
    with pytest.raises(BadDocument):
        render(_doc({"type": kind, "content": []}))


def test_a_node_in_the_wrong_place_is_refused() -> None:
    with pytest.raises(BadDocument):
        render(_doc({"type": "text", "text": "loose"}))


def test_a_document_without_bottom_is_refused() -> None:
    node: dict[str, Any] = _paragraph("deep")
    for _ in range(100):
        node = {"type": "blockquote", "content": [node]}
    with pytest.raises(BadDocument):
        render(_doc(node))


def test_the_last_lock_holds_on_its_own() -> None:
    hostile = (
        '<p onclick="x()">a<script>alert(1)</script><style>p{}</style><iframe src="//x"></iframe>'
        '<form action="/x"><input></form><a href="javascript:x()">b</a><img src=x onerror=x()>'
        '<code class="evil">c</code><svg onload=x()></svg></p>'
    )
    assert sanitise(hostile) == '<p>a</p><a rel="noopener noreferrer">b</a><code>c</code><p></p>'


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attrs: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attrs.update(name for name, _ in attrs)


_ugly = st.sampled_from(
    [
        "<script>",
        "</p><script>alert(1)</script>",
        '"><img src=x onerror=1>',
        "javascript:1",
        "&lt;",
        "a",
        "\u2028",
        "]]>",
    ]
)
_marks = st.lists(
    st.sampled_from(["bold", "italic", "underline", "strike", "code", "superscript", "wat"]).map(lambda k: {"type": k})
    | _ugly.map(_link),
    max_size=4,
)
_inline = st.builds(lambda text, marks: {"type": "text", "text": text, "marks": marks}, _ugly | st.text(), _marks)
_blocks = st.recursive(
    st.builds(lambda content: {"type": "paragraph", "content": content}, st.lists(_inline, max_size=3))
    | st.builds(
        lambda text, language: {
            "type": "codeBlock",
            "attrs": {"language": language},
            "content": [{"type": "text", "text": text}],
        },
        _ugly,
        _ugly,
    ),
    lambda inner: st.builds(lambda content: {"type": "blockquote", "content": content}, st.lists(inner, max_size=2)),
    max_leaves=4,
)


@given(st.lists(_blocks, max_size=3))
def test_attack_53_nothing_but_the_list_reaches_the_page(blocks: list[dict[str, Any]]) -> None:
    text = render(_doc(*blocks))
    parser = _Tags()
    parser.feed(text.html)
    assert parser.tags <= {"p", "blockquote", "pre", "code", "strong", "em", "u", "s", "sup", "a"}
    assert parser.attrs <= {"href", "rel", "target", "class"}
    assert sanitise(text.html) == text.html
    assert render(text.doc) == text
