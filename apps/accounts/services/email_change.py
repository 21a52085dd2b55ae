"""Changing one's address: the new one is proved by a code before it counts, the old one is told at once and at the end.

Until then the old address signs in and gets all mail. A change lives for half an hour, for the member who began it, and
ends with a change of password: nobody can leave one waiting in an account that they had for a moment.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare

from apps.accounts import letters, limits
from apps.accounts.errors import EmailTaken, NoEmailChange, SameEmail, WrongCode
from apps.accounts.events import EmailChanged
from apps.accounts.models import EmailChange, Member
from apps.audit.api import record
from core.clock import now
from core.email_index import hmac_of
from events.api import publish

LIFE = timedelta(minutes=30)
ATTEMPTS = 5
CHANGES_PER_MEMBER_PER_HOUR = 5
MAILS_PER_ADDRESS_PER_HOUR = 5


def open_change(member_id: UUID) -> EmailChange | None:
    """Return the change that waits for its code, or None."""
    return EmailChange.objects.filter(member_id=member_id, expires_at__gt=now(), attempts__lt=ATTEMPTS).first()


def begin(member: Member, email: str) -> EmailChange:
    """Send a code to ``email`` and a word to the old address; an earlier change ends.

    The answer is the same where the address is another member's: then its holder is told, and no code exists.

    Raises:
        SameEmail: it is the member's own. TooManyRequests: of this member, or to this address, were enough.
    """
    address = email.strip().lower()
    if address == member.email:
        raise SameEmail
    limits.count(kind="email-change", subject=str(member.pk), limit=CHANGES_PER_MEMBER_PER_HOUR)
    limits.count(kind="email-change-mail", subject=address, limit=MAILS_PER_ADDRESS_PER_HOUR)
    code = f"{secrets.randbelow(10**8):08d}"
    with transaction.atomic():
        taken = Member.objects.filter(email=address).exists()
        moment = now()
        change, _ = EmailChange.objects.update_or_create(
            member=member,
            defaults={
                "email": address,
                "code_sha256": "" if taken else _sha256(member.pk, code),
                "attempts": 0,
                "created_at": moment,
                "expires_at": moment + LIFE,
            },
        )
        record("accounts.email_change.asked", object_type="member", object_id=member.pk, label=member.name)
        if taken:
            letters.send_address_in_use(address)
        else:
            letters.send_email_change_code(address, code=f"{code[:4]} {code[4:]}")
        letters.send_email_change_asked(member, to=address)
    return change


def confirm(member: Member, code: str) -> Member:
    """Let the member sign in with the new address from now on.

    Raises:
        NoEmailChange: none is open. WrongCode: with ``attempts_left``. EmailTaken: another member has it by now.
    """
    change = open_change(member.pk)
    if change is None:
        raise NoEmailChange
    # Counted before it is compared, and for good: of many tries at once only as many as are allowed are looked at.
    counted = EmailChange.objects.filter(pk=change.pk, attempts__lt=ATTEMPTS).update(attempts=F("attempts") + 1)
    if not counted:
        raise NoEmailChange
    digits = "".join(letter for letter in code if letter.isdigit())
    if not change.code_sha256 or not constant_time_compare(change.code_sha256, _sha256(member.pk, digits)):
        raise WrongCode(attempts_left=ATTEMPTS - change.attempts - 1)
    try:
        return _move(member.pk, change)
    except IntegrityError as taken:
        raise EmailTaken from taken


@transaction.atomic
def _move(member_id: UUID, change: EmailChange) -> Member:
    member = Member.objects.select_for_update().get(id=member_id)
    if not EmailChange.objects.filter(pk=change.pk, email=change.email).delete()[0]:
        raise NoEmailChange
    before = member.email or ""
    member.email = change.email
    member.save(update_fields=["email"])
    EmailAddress.objects.filter(user=member).delete()
    EmailAddress.objects.create(user=member, email=change.email, verified=True, primary=True)
    publish(
        EmailChanged(member_id=member.pk, email_hmac=hmac_of(change.email), previous_email_hmac=hmac_of(before)),
        actor_id=member.pk,
    )
    record(
        "accounts.email.changed",
        object_type="member",
        object_id=member.pk,
        label=member.name,
        changes={"email": [before, change.email]},
    )
    letters.send_email_changed(before, to=change.email)
    return member


@transaction.atomic
def cancel(member: Member) -> None:
    """End an open change. Safe to repeat."""
    if forget(member.pk):
        record("accounts.email_change.cancelled", object_type="member", object_id=member.pk, label=member.name)


def forget(member_id: UUID) -> bool:
    """End an open change without a word; return whether there was one."""
    return bool(EmailChange.objects.filter(member_id=member_id).delete()[0])


def _sha256(member_id: UUID, code: str) -> str:
    return hashlib.sha256(member_id.bytes + code.encode()).hexdigest()
