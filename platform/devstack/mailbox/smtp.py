"""The SMTP side: takes every mail from this machine, delivers none."""

from __future__ import annotations

from aiosmtpd.smtp import SMTP, Envelope, Session

from devstack.mailbox.store import Store

LARGEST_MESSAGE_BYTES = 20 * 1024 * 1024


class Handler:
    """Keeps each message in the store under the addresses of its envelope."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        content = envelope.content or b""
        raw = content.encode("utf-8", "surrogateescape") if isinstance(content, str) else content
        message_id = self._store.add(envelope.mail_from or "", envelope.rcpt_tos, raw)
        return f"250 OK kept as {message_id}"


def protocol(store: Store) -> SMTP:
    """One SMTP conversation."""
    return SMTP(Handler(store), hostname="localhost", data_size_limit=LARGEST_MESSAGE_BYTES, enable_SMTPUTF8=True)
