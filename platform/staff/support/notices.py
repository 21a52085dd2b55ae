"""Mails to owners: support asks, has come in, has left. In the organization's name, as all that its people get."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.conf import settings
from django.utils.module_loading import import_string

import tenancy
from core import mail
from core.errors import NotFound
from core.mail import Action
from staff.models import SupportGrant
from tenancy.hosts import public_url
from tenancy.record import TenantRecord
from tenants.api import load_organization

_log = logging.getLogger(__name__)

PAGE = "/studio/settings/support"
_WHY = {
    "staff": "They ended it.",
    "owner": "An owner ended it.",
    "expired": "Its time was over.",
    "killed": "All support access was ended at once.",
}


def asked(record: TenantRecord, grant: SupportGrant) -> None:
    """Ask the owners: nothing opens until one of them agrees."""
    _send(
        record,
        subject=f"Support asks to look into {record.name}",
        heading="Support asks to come in",
        paragraphs=[
            f"{grant.staff.name} of the support team asks to {_reach(grant)} for {grant.minutes} minutes.",
            f"Why: {grant.reason} (ticket {grant.ticket})",
            "Nothing is opened until an owner agrees. If you do nothing, the request ends by itself in a day.",
        ],
        label="Agree or refuse",
    )


def started(record: TenantRecord, grant: SupportGrant) -> None:
    """Say that somebody may look in from now on, why and until when."""
    until = grant.expires_at.strftime("%H:%M")
    _send(
        record,
        subject=f"Support has access to {record.name} until {until} UTC",
        heading="Support has come in",
        paragraphs=[
            f"{grant.staff.name} of the support team may {_reach(grant)} until {until} UTC.",
            f"Why: {grant.reason} (ticket {grant.ticket})",
            "Everything they open or change stands in your audit under both names. You can end it at any time.",
        ],
        label="See it, or end it",
    )


def ended(grant: SupportGrant) -> None:
    """Say that it is over."""
    try:
        record = load_organization(grant.organization_id)
    except NotFound:
        return
    _send(
        record,
        subject=f"Support access to {record.name} has ended",
        heading="Support has left",
        paragraphs=[
            f"The access of {grant.staff.name} has ended. {_WHY.get(grant.end_reason, '')}".strip(),
            f"Why they came: {grant.reason} (ticket {grant.ticket})",
        ],
        label="See what they did",
    )


def _reach(grant: SupportGrant) -> str:
    return "read and change courses, films and enrollments" if grant.scope == "write" else "read, and change nothing,"


def _send(record: TenantRecord, *, subject: str, heading: str, paragraphs: Sequence[str], label: str) -> None:
    if not record.is_active:
        return  # nobody can be asked who its owners are; its audit tells them when it serves again
    with tenancy.bind(record):
        contacts = import_string(settings.OWNER_CONTACTS)()
        letterhead = import_string(settings.MAIL_LETTERHEAD)()
        action = Action(label, public_url(record.host, PAGE))
        for contact in contacts:
            mail.send(
                to=contact.email,
                subject=subject,
                text=mail.plain(heading=heading, paragraphs=paragraphs, action=action),
                html=mail.page(heading=heading, paragraphs=paragraphs, action=action, letterhead=letterhead),
                sender_name=letterhead.name,
            )
    _log.info("support.owners_told", extra={"organization_id": str(record.id), "owners": len(contacts)})
