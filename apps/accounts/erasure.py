"""Taking what is personal off a member: when it is asked for, and again after an older backup was restored."""

from __future__ import annotations

from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import make_password
from django.db import transaction

from apps.accounts.events import MemberErased
from apps.accounts.models import Invitation, Member, RoleAssignment
from apps.accounts.services import devices, email_change
from apps.audit.api import erase_words
from core.email_index import hmac_of
from events.api import publish

NAME = "Erased member"


@transaction.atomic
def erase(member_id: UUID) -> bool:
    """Erase the member of the bound organization; return whether there was anything left to erase.

    Name, address, language, zone, days of presence, password, sessions, factors, roles, invitations to their address
    and the audit's personal words go; the id and the facts about it stay. Idempotent: a ledger may replay it.
    """
    member: Member | None = Member.objects.select_for_update().filter(id=member_id).first()
    if member is None:
        return False
    devices.end_all(member_id)
    email_change.forget(member_id)
    Authenticator.objects.filter(user_id=member_id).delete()
    EmailAddress.objects.filter(user_id=member_id).delete()
    RoleAssignment.objects.filter(member_id=member_id).delete()
    erase_words(member_id)
    if member.state == Member.State.ANONYMISED:
        return False
    address = member.email or ""
    Invitation.objects.filter(email=address).delete()
    fresh = Member(id=member.id)
    member.email = None
    member.name = NAME
    member.locale, member.zone = fresh.locale, fresh.zone
    member.last_seen_on = member.last_login = member.suspended_at = None
    member.password = make_password(None)
    member.state = Member.State.ANONYMISED
    member.save(
        update_fields=[
            *("email", "name", "locale", "zone", "last_seen_on", "last_login", "suspended_at", "password", "state")
        ]
    )
    publish(MemberErased(member_id=member_id, email_hmac=hmac_of(address)))
    return True
