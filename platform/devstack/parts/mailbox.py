"""The local mailbox: where every mail of the embedded default arrives."""

from __future__ import annotations

import sys

from devstack import environment, ports
from devstack.credentials import Credentials
from devstack.part import Part
from devstack.settings import Settings


def part(settings: Settings, credentials: Credentials) -> Part:
    """SMTP and the mailbox's pages, in one process that holds no secret."""
    return Part(
        name="mailbox",
        title="Mailbox",
        argv=(sys.executable, "-m", "devstack.mailbox"),
        env={**environment.for_python(), **environment.places(settings)},
        port=settings.ports["mail"],
        port_setting="LMS_MAIL_PORT",
        more_ports={"LMS_SMTP_PORT": settings.ports["smtp"]},
        probe=lambda pid: ports.answers(settings.ports["smtp"]),
    )
