"""Mails to the owners about a domain of theirs: told as an event, written by a subscriber bound to the organization."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.utils.module_loading import import_string

from core import mail
from core.contacts import Contact
from core.mail import Action, Letterhead
from events.api import publish_for
from tenancy.hosts import public_url
from tenants.events import DomainTrouble
from tenants.models import Domain

SETTINGS_PATH = "/studio/settings/domains"


def tell_owners_failing(domain: Domain) -> None:
    """Let the owners know that the records are gone, while there is a week to put them back."""
    _tell(domain, disabled=False)


def tell_owners_disabled(domain: Domain) -> None:
    """Let the owners know that the domain leads nowhere now."""
    _tell(domain, disabled=True)


def _tell(domain: Domain, *, disabled: bool) -> None:
    address = Domain.objects.filter(
        organization_id=domain.organization_id, kind=Domain.Kind.SUBDOMAIN, state=Domain.State.ACTIVE
    ).first()
    publish_for(
        domain.organization_id,
        domain.organization.generation,
        DomainTrouble(
            domain_id=domain.id,
            host=domain.host,
            address=address.host if address else "",
            disabled=disabled,
            records=[
                f"{record['type']} {record['name']} → {record['expected'][0]}"
                for record in domain.findings
                if record["state"] != "found"
            ],
        ),
    )


def write_to_owners(trouble: DomainTrouble) -> None:
    """Write to each owner of the bound organization."""
    owners: Callable[[], list[Contact]] = import_string(settings.OWNER_CONTACTS)
    letterhead: Callable[[], Letterhead] = import_string(settings.MAIL_LETTERHEAD)
    head = letterhead()
    heading, paragraphs = _words(trouble)
    action = (
        Action("Open the domain's settings", public_url(trouble.address, SETTINGS_PATH)) if trouble.address else None
    )
    for owner in owners():
        mail.send(
            to=owner.email,
            subject=heading,
            text=mail.plain(heading=heading, paragraphs=paragraphs, action=action),
            html=mail.page(heading=heading, paragraphs=paragraphs, action=action, letterhead=head),
            sender_name=head.name,
        )


def _words(trouble: DomainTrouble) -> tuple[str, list[str]]:
    missing = [f"Missing or wrong: {line}" for line in trouble.records]
    if trouble.disabled:
        return f"{trouble.host} is switched off", [
            f"The DNS records of {trouble.host} no longer show that it is yours, so it leads nowhere now. "
            f"Your people reach you at {trouble.address}.",
            *missing,
            "Put the records back and look again in the settings; it comes back at once.",
        ]
    return f"{trouble.host} needs a look", [
        f"A DNS record of {trouble.host} is gone or changed. "
        "If it stays so for seven days, the domain is switched off.",
        *missing,
        f"Until then your people also reach you at {trouble.address}.",
    ]
