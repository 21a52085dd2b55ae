"""Mails on disk: one ``.eml`` file each, as it arrived, with its envelope in front."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import getaddresses
from pathlib import Path
from typing import Any

from devstack.mailbox.links import LINK

KEPT_MESSAGES = 2000
_ID = re.compile(r"\d{13}-[0-9a-f]{8}")
# Lines of ours before the message, which leave it a readable .eml. The last ends them: then the message as it came.
_FROM, _TO, _END = b"X-Mailbox-From: ", b"X-Mailbox-To: ", b"X-Mailbox-Message: as received"


@dataclass(frozen=True)
class Summary:
    """What a list shows of a message. ``received_at`` is seconds since 1970."""

    id: str
    sender: str
    recipients: tuple[str, ...]
    """The envelope's: whom it really went to, blind copies included."""
    subject: str
    received_at: float
    opening: str
    """The first words of the text."""


@dataclass(frozen=True)
class Message:
    """One message, read."""

    summary: Summary
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str | None
    attachments: tuple[tuple[str, str, int], ...]
    """(file name, content type, bytes)"""

    @property
    def links(self) -> list[str]:
        """Every address in the text, in order: what a test follows."""
        return list(dict.fromkeys(LINK.findall(self.text)))


class MessageNotFound(Exception):
    """There is no such message."""


class Store:
    """A folder of messages. Files never change, so what was read of one is kept."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._summaries: dict[str, Summary] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add(self, sender: str, recipients: Sequence[str], content: bytes) -> str:
        """Keep a message and return its id. Beyond KEPT_MESSAGES the oldest go."""
        message_id = f"{time.time_ns() // 1_000_000:013d}-{secrets.token_hex(4)}"
        lines = (_line(_FROM, sender), *(_line(_TO, to) for to in recipients), _line(_END, ""))
        file = self._folder / f"{message_id}.eml"
        new = file.with_suffix(".new")
        new.write_bytes(b"".join(lines) + content)
        new.rename(file)
        for old in self._ids()[KEPT_MESSAGES:]:
            (self._folder / f"{old}.eml").unlink(missing_ok=True)
            self._summaries.pop(old, None)
        return message_id

    def newest(self, *, to: str = "", after: str = "", limit: int = 100) -> list[Summary]:
        """The newest first; only those to an address that contains ``to``, and that came after the id ``after``."""
        wanted = to.strip().lower()
        found: list[Summary] = []
        for summary in self._all():
            if len(found) == limit or (after and summary.id <= after):
                break
            if any(wanted in recipient.lower() for recipient in summary.recipients):
                found.append(summary)
        return found

    def get(self, message_id: str) -> Message:
        """One message, whole.

        Raises:
            MessageNotFound: no such id.
        """
        recipients, content = self._read(message_id)
        # ``policy.default`` builds EmailMessage; the stubs only promise its base class.
        parsed = BytesParser(policy=policy.default).parsebytes(content)
        assert isinstance(parsed, EmailMessage)
        text, html = _bodies(parsed)
        return Message(
            summary=_summarise(message_id, recipients, parsed, text),
            headers=tuple((name, str(value)) for name, value in parsed.items()),
            text=text,
            html=html,
            attachments=tuple(_attachments(parsed)),
        )

    def fitting(self, criteria: Sequence[Mapping[str, Any]]) -> list[str]:
        """Ids of the messages that fit any criterion.

        ``words`` stand in the message on their own (``acme.example`` is not in ``notacme.example``), ``to`` names
        recipients of whom one is enough, ``without`` must not be in it. Letter case does not count.
        """
        wanted = [
            (
                re.compile(rf"(?<![\w.-]){re.escape(str(found['words']))}(?![\w-])", re.IGNORECASE),
                {str(address).lower() for address in found.get("to", ())},
                str(found.get("without", "")).lower(),
            )
            for found in criteria
            if found.get("words")
        ]
        fitting = []
        for message_id in self._ids():
            with contextlib.suppress(MessageNotFound):
                message = self.get(message_id)
                recipients = {address.lower() for address in message.summary.recipients}
                parts = (message.text, message.html or "", *(value for _, value in message.headers), *recipients)
                whole = "\n".join(parts)
                for words, to, without in wanted:
                    is_theirs = not to or bool(to & recipients)
                    is_others = bool(without) and without in whole.lower()
                    if is_theirs and not is_others and words.search(whole):
                        fitting.append(message_id)
                        break
        return fitting

    def remove(self, message_ids: Iterable[str]) -> int:
        """Delete messages; return how many were there."""
        removed = 0
        for message_id in message_ids:
            if _ID.fullmatch(message_id):
                with contextlib.suppress(FileNotFoundError):
                    (self._folder / f"{message_id}.eml").unlink()
                    removed += 1
                self._summaries.pop(message_id, None)
        return removed

    def source(self, message_id: str) -> bytes:
        """The message as it came. Raises MessageNotFound."""
        return self._read(message_id)[1]

    def _all(self) -> Iterator[Summary]:
        for message_id in self._ids():
            if message_id not in self._summaries:
                try:
                    self._summaries[message_id] = self.get(message_id).summary
                except MessageNotFound:
                    continue  # deleted by hand between the two looks
            yield self._summaries[message_id]

    def _ids(self) -> list[str]:
        with os.scandir(self._folder) as entries:
            names = (entry.name.removesuffix(".eml") for entry in entries if entry.name.endswith(".eml"))
            return sorted((name for name in names if _ID.fullmatch(name)), reverse=True)

    def _read(self, message_id: str) -> tuple[tuple[str, ...], bytes]:
        """(recipients of the envelope, message as it came)"""
        if not _ID.fullmatch(message_id):
            raise MessageNotFound(message_id)
        try:
            content = (self._folder / f"{message_id}.eml").read_bytes()
        except FileNotFoundError as error:
            raise MessageNotFound(message_id) from error
        head, _, rest = content.partition(_line(_END, ""))
        lines = head.decode("utf-8", "replace").split("\r\n")
        return tuple(line.removeprefix(_TO.decode()) for line in lines if line.startswith(_TO.decode())), rest


def _line(name: bytes, value: str) -> bytes:
    return name + value.replace("\r", "").replace("\n", "").encode("utf-8", "replace") + b"\r\n"


def _summarise(message_id: str, recipients: tuple[str, ...], parsed: EmailMessage, text: str) -> Summary:
    named = getaddresses([str(parsed.get("From", ""))])
    return Summary(
        id=message_id,
        sender=next((name or address for name, address in named), "") or "(nobody)",
        recipients=recipients,
        subject=str(parsed.get("Subject", "")) or "(no subject)",
        received_at=int(message_id.split("-")[0]) / 1000,
        opening=" ".join(text.split())[:160],
    )


def _bodies(parsed: EmailMessage) -> tuple[str, str | None]:
    text_part = parsed.get_body(("plain",))
    html_part = parsed.get_body(("html",))
    html = _content(html_part) if html_part is not None else None
    text = _content(text_part) if text_part is not None else ""
    return text, html


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError):  # an unknown charset: show what can be shown
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _attachments(parsed: EmailMessage) -> Iterator[tuple[str, str, int]]:
    for part in parsed.iter_attachments():
        payload = part.get_payload(decode=True)
        size = len(payload) if isinstance(payload, bytes) else 0
        yield part.get_filename() or "unnamed", part.get_content_type(), size
