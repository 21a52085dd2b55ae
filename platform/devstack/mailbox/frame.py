"""The HTML part of a mail, made safe to look at: no script, no request to anywhere, styles by their hashes."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

# A header this long is still taken by every browser and proxy; a mail with more styles shows the rest of them plain.
MOST_HASHES = 60

# Its links open in a tab of their own, outside the sandbox; nothing else of it leaves the frame.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
_BASE = '<base target="_blank">'


class _Styles(HTMLParser):
    """Collects every style that an HTML text carries, as the browser will hash it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: dict[str, None] = {}
        self._inside: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "style":
            self._inside = []
        for name, value in attrs:
            if name == "style" and value:
                self.found[value] = None

    def handle_data(self, data: str) -> None:
        if self._inside is not None:
            self._inside.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "style" and self._inside is not None:
            self.found["".join(self._inside)] = None
            self._inside = None


def document(html: str) -> str:
    """The part as a page: a doctype in front, because it would be laid out by the rules of 1998 without one."""
    doctype = "" if html.lstrip().lower().startswith("<!doctype") else "<!doctype html>"
    return f"{doctype}{html}{_BASE}" if "<head" not in html.lower() else doctype + _into_head(html)


def _into_head(html: str) -> str:
    start = html.lower().index("<head")
    end = html.index(">", start) + 1 if ">" in html[start:] else len(html)
    return html[:end] + _BASE + html[end:]


def policy(html: str) -> str:
    """Content-Security-Policy of that page. ``unsafe-hashes`` only lets hashes cover style attributes too."""
    styles = _Styles()
    styles.feed(html)
    styles.close()
    hashes = [f"'sha256-{_digest(style)}'" for style in list(styles.found)[:MOST_HASHES]]
    style_rule = f"style-src 'unsafe-hashes' {' '.join(hashes)}" if hashes else "style-src 'none'"
    closed = "default-src 'none'; img-src data:; frame-ancestors 'self'; form-action 'none'"
    return f"{closed}; {style_rule}; sandbox {SANDBOX}"


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
