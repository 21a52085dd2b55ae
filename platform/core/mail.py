"""The one way out for mail. A message is handed to a worker after the commit, so a slow server never holds a request.

Every mail has a text and an HTML form. :func:`page` and :func:`plain` set both from the same few parts, so that all
mails look alike: black on white, the sender's name on top, at most one button in the sender's colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, make_msgid

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing that a mail asks for: a button, and its address in the clear below it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: the name on top, and the button's ground and label (hex, already held against each other)."""

    name: str = "Emerging Tech LMS"
    color: str = "#161a20"
    on_color: str = "#ffffff"


def send(*, to: str, subject: str, text: str, html: str, sender_name: str) -> None:
    """Send one mail to one address after the open transaction commits (at once where none is open).

    The worker retries for about an hour; the Message-ID is fixed here, so a mail sent twice is recognised as one.
    """
    from core import tasks

    message = {
        "to": to,
        "subject": _one_line(subject),
        "text": text,
        "html": html,
        "sender": formataddr((_one_line(sender_name), settings.DEFAULT_FROM_EMAIL)),
        "message_id": make_msgid(domain=settings.DEFAULT_FROM_EMAIL.rpartition("@")[2]),
    }
    transaction.on_commit(lambda: tasks.deliver_mail.delay(**message), robust=True)


def page(
    *,
    heading: str,
    paragraphs: Sequence[str],
    code: str | None = None,
    action: Action | None = None,
    letterhead: Letterhead | None = None,
) -> str:
    """Return the HTML form. Everything is escaped: parts are words, never markup.

    The code or the action stands after the first paragraph, the other paragraphs below it.
    """
    return render_to_string(
        "core/mail.html",
        {
            "heading": heading,
            "first": paragraphs[0] if paragraphs else "",
            "rest": paragraphs[1:],
            "code": code,
            "action": action,
            "letterhead": letterhead or Letterhead(),
        },
    )


def plain(*, heading: str, paragraphs: Sequence[str], code: str | None = None, action: Action | None = None) -> str:
    """Return the text form of the same parts."""
    asked = [part for part in (code, action and f"{action.label}:\n{action.url}") if part]
    return "\n\n".join([heading, *paragraphs[:1], *asked, *paragraphs[1:]]) + "\n"


def _one_line(words: str) -> str:
    """A header holds one line: names come from people."""
    return " ".join(words.split())
