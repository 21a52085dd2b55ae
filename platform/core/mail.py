"""The one way out for mail. ``settings.MAIL_QUEUE`` takes each message, so a slow server never holds a request.

Every mail has a text and an HTML form. :func:`page` and :func:`plain` set both from the same few parts, so that all
mails look alike: black on white, the sender's logo and name on top, at most one button in the sender's colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import formataddr, make_msgid

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing that a mail asks for: a button, and its address in the clear below it."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in a mail: its whole address, and its size in CSS pixels (mail programs ask for both)."""

    url: str
    width: int
    height: int

    @property
    def is_wide(self) -> bool:
        """Whether it is a word mark: the name beside it would say it twice."""
        return self.width > self.height * 1.8


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes. The colours (hex) are already held against each other; ``edge`` outlines a pale button.

    ``sender_domain`` is the host in the sender's address, ``url`` where the name on top leads, ``footer`` one line.
    """

    name: str = "Emerging Tech LMS"
    color: str = "#161a20"
    on_color: str = "#ffffff"
    edge: str = "#161a20"
    sender_name: str = ""
    sender_domain: str = ""
    reply_to: str = ""
    footer: str = ""
    url: str = ""
    logo: Picture | None = None


def send(
    *,
    to: str,
    subject: str,
    text: str,
    html: str,
    sender_name: str = "",
    letterhead: Letterhead | None = None,
) -> None:
    """Send one mail to one address after the open transaction commits (at once where none is open).

    With a ``letterhead`` it comes from that sender, from an address of theirs, and answers go where they asked for.
    The worker retries for about an hour; the Message-ID is fixed here, so a mail sent twice is recognised as one.
    """
    message = compose(to=to, subject=subject, text=text, html=html, sender_name=sender_name, letterhead=letterhead)
    import_string(settings.MAIL_QUEUE)(message)


def compose(
    *, to: str, subject: str, text: str, html: str, sender_name: str = "", letterhead: Letterhead | None = None
) -> dict[str, str]:
    """Return the finished message, as :func:`hand_over` takes it: for who keeps it in a table until it is out."""
    head = letterhead or Letterhead()
    address = f"no-reply@{head.sender_domain}" if head.sender_domain else settings.DEFAULT_FROM_EMAIL
    return {
        "to": to,
        "subject": _one_line(subject),
        "text": text,
        "html": html,
        "sender": formataddr((_one_line(sender_name or head.sender_name or head.name), address)),
        "message_id": make_msgid(domain=address.rpartition("@")[2]),
        "reply_to": _one_line(head.reply_to),
    }


def hand_over(*, to: str, subject: str, text: str, html: str, sender: str, message_id: str, reply_to: str = "") -> None:
    """Give one message to the SMTP server now. Safe to repeat: the Message-ID stays the same.

    Raises:
        smtplib.SMTPException, OSError: the server did not take it.
    """
    message = EmailMultiAlternatives(
        subject, text, sender, [to], headers={"Message-ID": message_id}, reply_to=[reply_to] if reply_to else None
    )
    message.attach_alternative(html, "text/html")
    message.send()


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


def plain(
    *,
    heading: str,
    paragraphs: Sequence[str],
    code: str | None = None,
    action: Action | None = None,
    letterhead: Letterhead | None = None,
) -> str:
    """Return the text form of the same parts."""
    asked = [part for part in (code, action and f"{action.label}:\n{action.url}") if part]
    foot = [f"-- \n{letterhead.name}" + (f"\n{letterhead.footer}" if letterhead.footer else "")] if letterhead else []
    return "\n\n".join([heading, *paragraphs[:1], *asked, *paragraphs[1:], *foot]) + "\n"


def _one_line(words: str) -> str:
    """A header holds one line: names come from people."""
    return " ".join(words.split())
